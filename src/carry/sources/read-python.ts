import type { Entry } from '../entries.ts';
import { fromTimeText, itemEntry } from './messages.ts';
import { pythonItems } from './python-items.ts';
import type { Tables } from './tables.ts';

const SESSIONS_AT_ONCE = 100;
const MESSAGES_AT_ONCE = 200;

interface Session {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

interface Message {
  readonly id: number;
  readonly data: string;
  readonly createdAt: string;
}

/** Reads `agent_sessions` and `agent_messages` as the Python SDK's sessions write them, in SQLite or PostgreSQL. */
export async function* readPythonSessions(
  tables: Tables,
  maxItemBytes: number,
): AsyncGenerator<Entry, void, undefined> {
  for (let last = ''; ; ) {
    const sessions = await tables.select<Session>(
      `select session_id as "id", cast(created_at as text) as "createdAt", cast(updated_at as text) as "updatedAt"
        from agent_sessions where session_id > $1 order by session_id limit ${SESSIONS_AT_ONCE}`,
      [last],
    );
    for (const session of sessions) yield* readSession(tables, session, maxItemBytes);
    if (sessions.length === 0) break;
    last = sessions.at(-1)?.id ?? last;
  }
  yield { type: 'end' };
}

async function* readSession(
  tables: Tables,
  { id, createdAt, updatedAt }: Session,
  maxItemBytes: number,
): AsyncGenerator<Entry, void, undefined> {
  const times = { created_at: fromTimeText(createdAt), updated_at: fromTimeText(updatedAt) };
  yield { type: 'chat', id, row: { title: null, ...times } };
  const convert = pythonItems();
  let position = 0;
  for (let last = 0; ; ) {
    const messages = await tables.select<Message>(
      `select id as "id", message_data as "data", cast(created_at as text) as "createdAt" from agent_messages
        where session_id = $1 and id > $2 order by id limit ${MESSAGES_AT_ONCE}`,
      [id, last],
    );
    for (const { data, createdAt: at } of messages) {
      const item = readObject(data);
      if (item === undefined)
        yield { type: 'changed', what: 'a message that is no JSON object was left out' };
      else
        yield itemEntry(convert(item), { position: position++, createdAt: fromTimeText(at) }, maxItemBytes);
    }
    if (messages.length === 0) break;
    last = Number(messages.at(-1)?.id);
  }
  yield { type: 'chat_end', nextPosition: position };
}

/** The Python SDK passes over what it cannot read, too. Undefined: that is the case. */
function readObject(data: string): object | undefined {
  try {
    const item: unknown = JSON.parse(data);
    return typeof item === 'object' && item !== null && !Array.isArray(item) ? item : undefined;
  } catch {
    return undefined;
  }
}
