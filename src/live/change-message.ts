import type { Change } from '../driver/changes.ts';

/** Notifies other processes of whose chats changed, and of how far runs are. Ids and numbers only. */
export interface ChangeMessage {
  /** The process, so that it can leave out its own. */
  readonly from: string;
  readonly users: readonly string[];
  readonly runs: readonly (readonly [userId: string, run: Required<Change>['run']])[];
}

/** Encodes a message as texts of at most `maxBytes` each: PostgreSQL takes less than 8,000 in a notification. */
export function encodeMessage(message: ChangeMessage, maxBytes = 7_900): string[] {
  const text = JSON.stringify(message);
  const { from, users, runs } = message;
  if (users.length + runs.length <= 1 || Buffer.byteLength(text) <= maxBytes) return [text];
  return [half(users, runs, 0), half(users, runs, 1)].flatMap((part) =>
    encodeMessage({ from, ...part }, maxBytes),
  );
}

function half(
  users: ChangeMessage['users'],
  runs: ChangeMessage['runs'],
  which: 0 | 1,
): Pick<ChangeMessage, 'users' | 'runs'> {
  const cut = <Entry>(entries: readonly Entry[], middle: number) =>
    which === 0 ? entries.slice(0, middle) : entries.slice(middle);
  return {
    users: cut(users, Math.ceil(users.length / 2)),
    // The other way round: two that are too long together come apart.
    runs: cut(runs, Math.floor(runs.length / 2)),
  };
}

/** Decodes what came over a bus, which others may use as well: undefined when it is no such message. */
export function decodeMessage(text: string): ChangeMessage | undefined {
  try {
    const { from, users, runs } = JSON.parse(text) as ChangeMessage;
    const valid = typeof from === 'string' && Array.isArray(users) && Array.isArray(runs);
    return valid ? { from, users, runs } : undefined;
  } catch {
    return undefined;
  }
}
