import { BrokenPromise } from './rules.ts';
import type { Outgoing, Reply } from './send.ts';

/** As many items as one page may have. */
const PAGE = 1_000;

interface StoredChat {
  readonly chat_id: string;
  readonly title: string | null;
  readonly conversation: readonly unknown[];
}

/**
 * Checks that what a reply says it took comes back the same: in this reply, when the chat is read, and by pages.
 *
 * @param ask reads as the same user.
 * @returns whether there was something to compare.
 * @throws BrokenPromise
 */
export async function checkRoundTrip(
  outgoing: Outgoing,
  reply: Reply,
  ask: (target: string) => Promise<Reply>,
): Promise<boolean> {
  const writes =
    outgoing.method === 'POST' ? reply.status === 201 : outgoing.method === 'PUT' && reply.status === 200;
  if (!writes || outgoing.raw !== undefined || outgoing.body === undefined) return false;
  const sent = read<Partial<StoredChat>>(outgoing.body);
  const given = read<StoredChat>(reply.body);
  // The reply to what is not about a chat, such as how long chats are kept.
  if (given.chat_id === undefined) return false;
  expectSent('the reply', sent, given);
  const path = `/chats/${encodeURIComponent(given.chat_id)}`;
  const got = await ask(path);
  const page = await ask(`${path}/items?limit=${PAGE}`);
  // A run of an earlier request may have begun since.
  if (got.headers.etag !== reply.headers.etag) return false;
  expectSent('the chat', sent, read<StoredChat>(got.body));
  const items = read<{ items: readonly { item: unknown }[] }>(page.body).items.map(({ item }) => item);
  if (sent.conversation) expectSame('its items', sent.conversation.slice(-PAGE), items);
  return true;
}

function read<Value>(body: Buffer): Value {
  // As servers read it: without the mark of its encoding.
  return JSON.parse(new TextDecoder().decode(body)) as Value;
}

function expectSent(where: string, sent: Partial<StoredChat>, got: StoredChat): void {
  if (sent.title !== undefined) expectSame(`the title of ${where}`, sent.title, got.title);
  if (sent.conversation !== undefined) {
    expectSame(`the conversation of ${where}`, sent.conversation ?? [], got.conversation);
  }
}

function expectSame(what: string, sent: unknown, got: unknown): void {
  if (!isSame(sent, got)) throw new BrokenPromise(`${what} is not what was sent`);
}

/** The same JSON, the order of the keys and the sign of a zero included. */
export function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return Object.is(one, other);
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  const others = Object.keys(other);
  return (
    names.length === others.length &&
    names.every((name, at) => name === others[at] && isSame(Reflect.get(one, name), Reflect.get(other, name)))
  );
}
