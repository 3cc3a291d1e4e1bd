import type { QuestlogClient } from 'questlog/client';
import { PageError } from '../../failure.ts';
import { ExportReader } from './read-lines.ts';
import { piecesOf, readMarkdown } from './read-markdown.ts';
import { chooseTarget } from './target.ts';

/** To be imported again, or to be read. */
export type ExportForm = 'jsonl' | 'markdown';

/** How far an export is. */
export interface ExportProgress {
  readonly chats: number;
  /** As far as it was known when it began. */
  readonly total: number;
  readonly bytes: number;
  /** Chats that changed whenever they were read. */
  readonly leftOut: number;
}

const KINDS = {
  jsonl: { ending: 'jsonl', type: 'application/x-ndjson' },
  markdown: { ending: 'md', type: 'text/markdown' },
} as const;

/** So often it is said how far it is. */
const SAY_MS = 200;

/**
 * Saves all chats as a file of the person's, as they come.
 *
 * @throws PageError `export_cut_off`: nothing of it is kept.
 */
export async function exportEverything(
  client: QuestlogClient,
  form: ExportForm,
  signal: AbortSignal,
  onProgress: (progress: ExportProgress) => void,
): Promise<ExportProgress> {
  const { ending, type } = KINDS[form];
  // First of all: browsers ask only where the person has just clicked.
  const target = await chooseTarget(`chats-${new Date().toISOString().slice(0, 10)}.${ending}`, type);
  try {
    const { total } = await client.listChats({ state: 'all', limit: 1, signal });
    const reader = new ExportReader();
    let chats = 0;
    const count = () => {
      chats += 1;
    };
    const pieces =
      form === 'markdown'
        ? readMarkdown(client, signal, count)
        : piecesOf(await client.exportChats({ signal }));
    let [bytes, saidAt] = [0, 0];
    const progressNow = (leftOut = 0) => ({
      chats: form === 'markdown' ? chats : reader.chats,
      total,
      bytes,
      leftOut,
    });
    for await (const piece of pieces) {
      bytes += piece.length;
      if (form === 'jsonl') reader.add(piece);
      await target.write(piece);
      if (Date.now() - saidAt < SAY_MS) continue;
      saidAt = Date.now();
      onProgress(progressNow());
    }
    const end = form === 'jsonl' ? reader.end() : { left_out: 0 };
    if (end === undefined) throw new PageError('export_cut_off');
    await target.close();
    return progressNow(end.left_out);
  } catch (error) {
    await target.drop();
    signal.throwIfAborted();
    // The connection broke while a reply was read.
    throw error instanceof TypeError ? new PageError('export_cut_off') : error;
  }
}
