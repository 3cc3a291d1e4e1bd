import { MAX_ITEM_BYTES } from '../store/items/item-json.ts';
import { refuse } from './check-entries.ts';
import type { ChatSource, Entry } from './entries.ts';
import { decodeText, peek, type TextSource } from './read-text.ts';
import { readConversationsJson, readParsedConversations } from './sources/chatgpt/read-chatgpt.ts';
import { LIST_HEAD, readExport } from './sources/questlog.ts';
import { readMastraThreads } from './sources/read-mastra.ts';
import { readPythonSessions } from './sources/read-python.ts';
import type { Tables } from './sources/tables.ts';

/** What a text with chats is: an export of Questlog, or `conversations.json` of ChatGPT's. */
export type TextFormat = 'questlog' | 'chatgpt';

/** In which a list says what it is, with the white space of people. */
const HEAD_CHARACTERS = 200;

/** How a text is read. */
export interface ReadChatsOptions {
  /** Default: as its beginning says. */
  readonly format?: TextFormat | undefined;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
}

/**
 * The chats in a file or a body, for `importChats`: read as they are imported, one chat of ChatGPT's or one line of
 * Questlog's at a time.
 *
 * @example
 * importChats(db, userId, readChats(createReadStream('chats.jsonl')));
 */
export function readChats(source: TextSource, options: ReadChatsOptions = {}): ChatSource {
  const { format, maxItemBytes = MAX_ITEM_BYTES } = options;
  if (format !== undefined)
    return { name: format, entries: readAs(format, decodeText(source), maxItemBytes) };
  // The name is known when something of it was read, and asked for later.
  const found: { name: TextFormat } = { name: 'questlog' };
  const entries = readFound(found, decodeText(source), maxItemBytes);
  return {
    entries,
    get name() {
      return found.name;
    },
  };
}

/** The chats of ChatGPT's export, parsed already. */
export function readConversationList(list: readonly unknown[], maxItemBytes = MAX_ITEM_BYTES): ChatSource {
  return { name: 'chatgpt', entries: readParsedConversations(list, maxItemBytes) };
}

async function* readFound(
  found: { name: TextFormat },
  pieces: AsyncGenerator<string, void, undefined>,
  maxItemBytes: number,
): AsyncGenerator<Entry, void, undefined> {
  try {
    const { begin, all } = await peek(pieces, HEAD_CHARACTERS);
    if (begin === '') refuse('the source is empty');
    if (begin[0] !== '{' && begin[0] !== '[')
      refuse('the source is neither an export of Questlog nor one of ChatGPT');
    found.name = begin[0] === '{' || LIST_HEAD.test(begin) ? 'questlog' : 'chatgpt';
    yield* readAs(found.name, all, maxItemBytes);
  } finally {
    await pieces.return();
  }
}

function readAs(format: TextFormat, pieces: AsyncIterable<string>, maxItemBytes: number) {
  return (format === 'chatgpt' ? readConversationsJson : readExport)(pieces, maxItemBytes);
}

/** What tables with chats are: those of the Python SDK's sessions, or Mastra's. */
export type TableFormat = 'python-sdk' | 'mastra';

/**
 * The chats in tables of another system, for `importChats`.
 *
 * @example
 * importChats(db, userId, readTables(inSqlite('sessions.db'), { format: 'python-sdk' }));
 */
export function readTables(
  tables: Tables,
  { format, maxItemBytes = MAX_ITEM_BYTES }: { readonly format: TableFormat; readonly maxItemBytes?: number },
): ChatSource {
  const read = format === 'mastra' ? readMastraThreads : readPythonSessions;
  return { name: format, entries: read(tables, maxItemBytes) };
}
