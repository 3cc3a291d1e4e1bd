import { setTimeout as sleep } from 'node:timers/promises';
import { QuestlogError } from '../../errors.ts';

/** What one look at a deployment has found. */
export interface Finding {
  /** What was looked at, such as `migrations`. */
  readonly name: string;
  /** `fail`: the server does not start, or does not work. `warn`: it does, and it should be known. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do about it, where it is not ok. */
  readonly remedy?: string;
}

/** A look at one part of a deployment, which changes nothing. */
export interface Check {
  readonly name: string;
  run(): Promise<readonly Finding[]>;
}

/** Longer than what is waited for below it: a connection, a reply of another server. */
const LIMIT_MS = 10_000;

/** Runs a check; what it throws is a failure in words, and so is that it takes too long. */
export async function runCheck({ name, run }: Check): Promise<readonly Finding[]> {
  const patience = new AbortController();
  const tooLong = sleep(LIMIT_MS, undefined, { signal: patience.signal }).then(
    () => [tookTooLong(name)],
    () => [],
  );
  try {
    return await Promise.race([run(), tooLong]);
  } catch (error) {
    return [{ name, status: 'fail', found: explain(error), remedy: 'see what it says' }];
  } finally {
    patience.abort();
  }
}

/** An error in a line: its message, and what another program said. */
export function explain(error: unknown): string {
  const { message, cause, code } = Object(error);
  const own = String(message || code || error);
  const isKnown = cause === undefined || (error instanceof QuestlogError && cause instanceof QuestlogError);
  return (isKnown ? own : `${own}: ${explain(cause)}`).split('\n').join(' ');
}

function tookTooLong(name: string): Finding {
  return {
    name,
    status: 'fail',
    found: `no answer within ${LIMIT_MS / 1_000} seconds`,
    remedy: 'see whether it hangs, or whether something on the way drops packets',
  };
}
