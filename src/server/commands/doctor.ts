import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import type { Command } from './command.ts';

export const doctor: Command = {
  name: 'doctor',
  takes: '',
  options: { json: 'as JSON' },
  summary: 'look at everything a server needs, and say what to do about it; changes nothing',
  async run(_args, options) {
    const findings: Finding[] = [];
    for await (const finding of examine(process.env)) {
      findings.push(finding);
      if (!options.has('json')) process.stdout.write(toLines(finding));
    }
    const ok = findings.every(({ status }) => status !== 'fail');
    const last = options.has('json') ? `${JSON.stringify({ ok, checks: findings }, null, 2)}\n` : '';
    // What hangs would keep the process.
    process.stdout.write(last, () => process.exit(ok ? 0 : 1));
  },
};

function toLines({ name, status, found, remedy }: Finding): string {
  const line = `${status.padEnd(6)}${name.padEnd(16)}${found}\n`;
  return remedy === undefined ? line : `${line}${' '.repeat(22)}→ ${remedy}\n`;
}
