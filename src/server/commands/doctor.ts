import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Run } from './command.ts';

export const doctor: Run = async (_args, options) => {
  const checks: Finding[] = [];
  for await (const finding of examine(process.env)) {
    checks.push(finding);
    if (!options.has('json')) process.stdout.write(toLines(finding));
  }
  return { lines: [], document: { checks }, ok: checks.every(({ status }) => status !== 'fail') };
};

function toLines({ name, status, found, remedy }: Finding): string {
  const line = `${status.padEnd(6)}${name.padEnd(16)}${found}\n`;
  return remedy === undefined ? line : `${line}${' '.repeat(22)}→ ${remedy}\n`;
}
