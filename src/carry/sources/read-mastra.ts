import type { Entry } from '../entries.ts';
import { assistantMessage, fromTimeText, itemEntry, toolCall, toText, userMessage } from './messages.ts';
import type { Tables } from './tables.ts';

const THREADS_AT_ONCE = 100;
const MESSAGES_AT_ONCE = 200;

// biome-ignore lint/suspicious/noExplicitAny: what other programs write may be anything: every member is looked at.
type Anything = any;

/** Reads `mastra_threads` and `mastra_messages` in a PostgreSQL; a thread is of its `resourceId`. */
export async function* readMastraThreads(
  tables: Tables,
  maxItemBytes: number,
): AsyncGenerator<Entry, void, undefined> {
  for (let last = ''; ; ) {
    // Whole rows: columns came with time.
    const threads = await tables.select<{ id: string; row: string }>(
      `select id, to_json(t)::text as row from mastra_threads t where id > $1 order by id limit ${THREADS_AT_ONCE}`,
      [last],
    );
    for (const { id, row } of threads) yield* readThread(tables, id, JSON.parse(row), maxItemBytes);
    if (threads.length === 0) break;
    last = threads.at(-1)?.id ?? last;
  }
  yield { type: 'end' };
}

async function* readThread(
  tables: Tables,
  id: string,
  thread: Anything,
  maxItemBytes: number,
): AsyncGenerator<Entry, void, undefined> {
  const { title } = thread;
  const times = {
    created_at: fromTimeText(thread.createdAtZ ?? thread.createdAt),
    updated_at: fromTimeText(thread.updatedAtZ ?? thread.updatedAt),
  };
  const owner = typeof thread.resourceId === 'string' ? thread.resourceId : undefined;
  yield { type: 'chat', id, owner, row: { title: title === '' ? null : (title ?? null), ...times } };
  let position = 0;
  let [time, last] = ['-infinity', ''];
  for (;;) {
    const messages = await tables.select<{ id: string; time: string; row: string }>(
      `select id, "createdAt"::text as time, to_json(m)::text as row from mastra_messages m
        where thread_id = $1 and ("createdAt", id) > ($2::text::timestamp, $3)
        order by "createdAt", id limit ${MESSAGES_AT_ONCE}`,
      [id, time, last],
    );
    for (const { row } of messages) {
      const message = JSON.parse(row);
      const createdAt = fromTimeText(message.createdAtZ ?? message.createdAt);
      const { items, leftOut } = toItems(message);
      for (const item of items) yield itemEntry(item, { position: position++, createdAt }, maxItemBytes);
      for (const what of leftOut) yield { type: 'changed', what: `${what} left out` };
    }
    if (messages.length === 0) break;
    [time, last] = [messages.at(-1)?.time ?? time, messages.at(-1)?.id ?? last];
  }
  yield { type: 'chat_end', nextPosition: position };
}

/** A message as items: what was said, and calls with their results, in their order. */
function toItems({ role, content: stored }: Anything): { items: object[]; leftOut: string[] } {
  const content = readContent(stored);
  const parts: Anything[] = Array.isArray(content?.parts)
    ? content.parts
    : Array.isArray(content)
      ? content
      : [];
  if (parts.length === 0) parts.push({ type: 'text', text: toText(content?.content ?? content) });
  const items: object[] = [];
  const leftOut: string[] = [];
  let said: string[] = [];
  const finish = () => {
    const text = said.filter((one) => one !== '').join('\n');
    said = [];
    if (text !== '') items.push(role === 'user' ? userMessage(text) : assistantMessage(text));
  };
  if (role === 'system') return { items, leftOut: ['a system message'] };
  for (const part of parts) {
    const call = part?.toolInvocation ?? (part?.type === 'tool-call' ? part : undefined);
    if (part?.type === 'text') said.push(toText(part.text));
    else if (call !== undefined) {
      finish();
      const { toolCallId: id, toolName: name, args: input, result: output } = call;
      items.push(...toolCall({ id: toText(id), name: toText(name), input, output }));
    } else if (part?.type === 'file' || part?.type === 'image')
      said.push(`[${part.type}: ${toText(part.filename ?? part.mimeType ?? part.mediaType ?? 'unnamed')}]`);
    else if (part?.type === 'reasoning') leftOut.push('thoughts of the model');
    else if (part?.type !== 'step-start') leftOut.push(`a part of type ${toText(part?.type).slice(0, 80)}`);
  }
  finish();
  return { items, leftOut };
}

/** JSON in a text, or the text itself, as the first versions wrote it. */
function readContent(stored: unknown): Anything {
  if (typeof stored !== 'string') return stored;
  try {
    const parsed: unknown = JSON.parse(stored);
    return typeof parsed === 'object' && parsed !== null ? parsed : stored;
  } catch {
    return stored;
  }
}
