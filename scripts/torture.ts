/**
 * Random histories of clients while processes, connections and servers fail, and a judgement of what is stored:
 * `npm run torture -- [--seed 42] [--seconds 120] [scenario …]`. It prints its seed, with which it plans the same again.
 */
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { groupBy } from '../test/torture/history.ts';
import { type Scenario, Skipped } from '../test/torture/scenarios/arena.ts';
import { SCENARIOS } from '../test/torture/scenarios/scenarios.ts';
import { torture } from '../test/torture/torture.ts';

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' }, seconds: { type: 'string', default: '120' } },
  allowPositionals: true,
});
const seed = Number(values.seed ?? randomInt(2 ** 30));
const seconds = Number(values.seconds);
const names = positionals.length > 0 ? positionals : Object.keys(SCENARIOS);
const unknown = names.filter((name) => !(name in SCENARIOS));
if (unknown.length > 0 || !Number.isInteger(seed) || !(seconds > 0)) {
  console.error(
    `takes --seed (a whole number), --seconds, and of these: ${Object.keys(SCENARIOS).join(' ')}`,
  );
  process.exit(2);
}
for (const name of names) await report(name, SCENARIOS[name] as Scenario);

async function report(name: string, scenario: Scenario): Promise<void> {
  const began = performance.now();
  const report = await torture(scenario, { seed, seconds }).catch((error: unknown) => {
    if (error instanceof Skipped) return error;
    throw error;
  });
  if (report instanceof Skipped) return console.log(`${name}: skipped, ${report.message}`);
  const { faults, history, troubles } = report;
  const count = (outcome: string) => {
    const such = history.filter((operation) => operation.outcome === outcome);
    const codes = [...groupBy(such, ({ code }) => code ?? 'a lost connection')];
    return `${such.length} ${outcome} (${codes.map(([code, those]) => `${those.length} ${code}`).join(', ')})`;
  };
  console.log(
    `${name}: seed ${seed}, ${Math.round((performance.now() - began) / 1_000)} s, ${history.length} operations, ` +
      `${count('refused')}, ${count('unknown')}, ${troubles} troubles, ${faults.length} faults`,
  );
  if (faults.length === 0) return;
  process.exitCode = 1;
  const file = join(tmpdir(), `questlog-torture-${name}-${seed}.json`);
  writeFileSync(file, JSON.stringify(history, null, 1));
  console.log(`${faults.slice(0, 20).join('\n')}\nthe history: ${file}`);
}
