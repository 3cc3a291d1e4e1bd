import { open, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { exportChats } from '../../../carry/export-chats.ts';
import { QuestlogError } from '../../../errors.ts';
import { useDatabase } from '../../use-database.ts';
import type { Run } from '../command.ts';
import { type Progress, withProgress } from '../progress.ts';
import { countOf } from '../report.ts';

export const exportCommand: Run = async (_args, options) => {
  const userId = options.get('user');
  if (userId === undefined) throw new QuestlogError('invalid_request', '--user says whose chats');
  const file = options.get('to');
  if (file === undefined && options.has('json'))
    throw new QuestlogError('invalid_request', '--json goes with --to: the chats are on the standard output');
  const done = { chats: 0, items: 0 };
  await useDatabase((db) =>
    withProgress((progress) => {
      const texts = watch(exportChats(db, userId, { chatId: options.get('chat') }), done, progress);
      return file === undefined ? writeOut(texts) : writeFile(file, texts);
    }),
  );
  const words = `exported ${inWords(done)}`;
  if (file !== undefined) return { lines: [words], document: { ...done, file } };
  process.stderr.write(`${words}\n`);
  return undefined;
};

interface Done {
  chats: number;
  items: number;
}

async function* watch(texts: AsyncIterable<string>, done: Done, progress: Progress): AsyncGenerator<string> {
  for await (const text of texts) {
    done.chats += count(text, '{"type":"chat_end"');
    done.items += count(text, '{"type":"item"');
    progress.show(`exported ${inWords(done)}`);
    yield text;
  }
}

function inWords({ chats, items }: Done): string {
  return `${countOf(chats, 'chat')}, ${countOf(items, 'item')}`;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** One that is there may be all that somebody has, and half of one is none. */
async function writeFile(path: string, texts: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'wx').catch((cause: unknown) => {
    const isThere = Reflect.get(Object(cause), 'code') === 'EEXIST';
    if (isThere) throw new QuestlogError('invalid_request', `${path} is there already: name another file`);
    throw new QuestlogError('invalid_request', `${path} cannot be written`, { cause });
  });
  try {
    await pipeline(texts, file.createWriteStream());
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function writeOut(texts: AsyncIterable<string>): Promise<void> {
  for await (const text of texts) {
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}
