import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { exportChats } from '../../../carry/export-chats.ts';
import { QuestlogError } from '../../../errors.ts';
import { useDatabase } from '../../use-database.ts';
import type { Command } from '../command.ts';
import { Progress } from './progress.ts';

export const exportCommand: Command = {
  name: 'export',
  takes: '',
  settings: {
    user: ['ID', 'whose chats'],
    chat: ['ID', 'only this chat'],
    to: ['FILE', 'where to, instead of the standard output'],
  },
  summary: 'write all chats of a user, as JSON Lines',
  async run(_args, options) {
    const userId = options.get('user');
    if (userId === undefined) throw new QuestlogError('invalid_request', '--user says whose chats');
    const file = options.get('to');
    const progress = new Progress('exported');
    await useDatabase(async (db) => {
      const texts = watch(exportChats(db, userId, { chatId: options.get('chat') }), progress);
      if (file === undefined) await writeOut(texts);
      // One that is there may be all that somebody has.
      else await pipeline(texts, createWriteStream(file, { flags: 'wx' })).catch(explainFile(file));
      progress.end();
    });
  },
};

function explainFile(path: string): (error: unknown) => never {
  return (cause) => {
    if (Reflect.get(Object(cause), 'code') !== 'EEXIST') throw cause;
    throw new QuestlogError('invalid_request', `${path} is there already: it is not overwritten`);
  };
}

async function* watch(texts: AsyncIterable<string>, progress: Progress): AsyncGenerator<string> {
  let [chats, items] = [0, 0];
  for await (const text of texts) {
    chats += count(text, '{"type":"chat_end"');
    items += count(text, '{"type":"item"');
    progress.show({ chats, items });
    yield text;
  }
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

async function writeOut(texts: AsyncIterable<string>): Promise<void> {
  // Whoever reads, such as `head`, has enough.
  process.stdout.on('error', (error) => {
    if (Reflect.get(error, 'code') === 'EPIPE') process.exit(0);
    throw error;
  });
  for await (const text of texts) {
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}
