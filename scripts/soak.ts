/**
 * An hour of mixed load with kills and reconnects, and the end beside the beginning:
 * `npm run soak -- [--minutes 60] [--users 20] [--seed 42] [--page docs/soak.md]`. With `--page` the last part of that page
 * is what was measured.
 */
import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type SoakReport, soak } from '../test/soak/soak.ts';
import { findGrowth, show } from '../test/soak/verdict.ts';

const HEADING = '## The last run\n';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    users: { type: 'string', default: '20' },
    seed: { type: 'string' },
    page: { type: 'string' },
  },
});
const seed = Number(values.seed ?? randomInt(2 ** 30));
const [minutes, users] = [Number(values.minutes), Number(values.users)];
if (!(minutes > 0 && users > 0 && Number.isInteger(users) && Number.isInteger(seed))) {
  console.error('takes --minutes, --users (a whole number), --seed (a whole number) and --page FILE');
  process.exit(2);
}
const load = [loadavg()[0] ?? 0];
const report = await soak({ seed, minutes, users, say: (line) => console.error(line) });
load.push(loadavg()[0] ?? 0);
const faults = [...report.faults, ...findGrowth(report.rows)];
const text = describe(report);
console.log(text);
if (values.page !== undefined) {
  const [before] = readFileSync(values.page, 'utf8').split(HEADING);
  writeFileSync(values.page, `${before}${HEADING}\n${text}`);
}
process.exitCode = faults.length === 0 ? 0 : 1;

function describe({ rows, operations, failures, troubles }: SoakReport): string {
  const count = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([name, times]) => `${times} ${name}`).join(', ') || 'none';
  const day = new Date().toISOString().slice(0, 10);
  return [
    `${day}, Node ${process.versions.node}, ${cpus().length} cores (load ${load.map(show).join(' at the begin, ')} at the end), ` +
      `seed ${seed}: ${minutes} minutes, ${users} users, ${show(operations)} operations. ` +
      `Troubles: ${count(troubles)}. Requests that failed: ${count(failures)}.`,
    '',
    '| | beginning | end | ratio | may be |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows.map(
      ({ name, begin, end, most }) =>
        `| ${name} | ${show(begin)} | ${show(end)} | ${(end / begin).toFixed(2)} | ${show(most)} |`,
    ),
    '',
    faults.length === 0
      ? 'Faults: none.'
      : `Faults:\n\n${faults
          .slice(0, 30)
          .map((fault) => `- ${fault}`)
          .join('\n')}`,
    '',
  ].join('\n');
}
