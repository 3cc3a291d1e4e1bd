/**
 * Asks the strict stand-ins for OpenAI's APIs with many random histories, and prints the first that one refuses:
 * `npm run fuzz:model-input -- [--runs 20000] [--seed 42]`.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import {
  anyHistoryIsTaken,
  OPENAI_APIS,
  soundHistoryIsKept,
  takenHistoryIsKept,
} from '../test/run/model-input-property.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20000' }, seed: { type: 'string' } },
});
const numRuns = Number(values.runs);
const seed = Number(values.seed ?? randomInt(2 ** 31));
if (!Number.isInteger(numRuns) || numRuns < 1 || !Number.isInteger(seed)) {
  process.stderr.write('--runs takes a whole number from 1, --seed a whole number\n');
  process.exit(2);
}
// The SDK warns of every tool output that it replaces.
console.warn = () => undefined;
console.log(`${numRuns} histories for each API and property, seed ${seed}`);
for (const api of OPENAI_APIS) {
  for (const property of [anyHistoryIsTaken, soundHistoryIsKept, takenHistoryIsKept]) {
    const began = performance.now();
    const { failed, errorInstance, counterexample, numShrinks } = await fc.check(property(api), {
      numRuns,
      seed,
    });
    const seconds = Math.round((performance.now() - began) / 1_000);
    console.log(`${api} ${property.name}: ${failed ? 'red' : 'green'}, ${seconds} s`);
    if (!failed) continue;
    process.exitCode = 1;
    console.log(`${errorInstance}, after ${numShrinks} shrinks:\n${JSON.stringify(counterexample, null, 2)}`);
  }
}
