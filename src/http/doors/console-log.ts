import { inspect } from 'node:util';
import type { FastifyBaseLogger } from 'fastify';
import { describeError } from '../../describe-error.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The log of a handler that is given none: what went wrong, on the console, and nothing of what did not. */
export function createConsoleLog(bindings: Fields = {}): FastifyBaseLogger {
  const tellTo = (write: (line: string) => void) => (given: Fields | string, message?: string) => {
    const fields = typeof given === 'string' ? {} : given;
    write(toLine(message ?? String(given), { ...bindings, ...fields }));
  };
  // biome-ignore lint/suspicious/noConsole: an application that gives no log looks for its failures there.
  const [warn, error] = [console.warn, console.error].map(tellTo);
  const ignore = () => {};
  const below = { info: ignore, debug: ignore, trace: ignore, silent: ignore };
  const child = (more: Fields) => createConsoleLog({ ...bindings, ...more });
  return { level: 'warn', warn, error, fatal: error, ...below, child } as FastifyBaseLogger;
}

/** @param fields ids, and our description of an error under `error`. Fastify's own lines have it under `err`. */
function toLine(message: string, { err, req: _request, res: _reply, ...fields }: Fields): string {
  const { error = describeError(err), ...ids } = fields;
  const { code, message: reason, ...rest } = error as Fields;
  const sentence = ['questlog', message, reason ?? code].filter(Boolean).join(': ');
  return `${sentence} ${inspect({ code, ...ids, ...rest }, { depth: null, breakLength: Infinity })}`;
}
