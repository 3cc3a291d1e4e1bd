import { openDatabase } from '../../database/open.ts';
import { migrate } from '../../driver/migrate.ts';
import { copyChats } from '../../store/copy.ts';
import type { Command } from './command.ts';

export const copy: Command = {
  name: 'copy',
  takes: 'FROM TO',
  summary: 'copy all chats into an empty database, such as: copy ./data postgres://…',
  async run([from = '', to = '']) {
    const source = await openDatabase(from);
    try {
      const target = await openDatabase(to);
      try {
        for (const db of [source, target]) await migrate(db);
        process.stdout.write(`copied ${await copyChats(source, target)} chats to ${target.location}\n`);
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  },
};
