import { describe, expect, it } from 'vitest';
import { exportChats } from '../../src/carry/export-chats.ts';
import { importChats } from '../../src/carry/import-chats.ts';
import { readChats } from '../../src/carry/read-chats.ts';
import { createChat } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { read, say } from './histories.ts';

describe.each(DATABASES)('an export from $name', ({ open }) => {
  it('as a JSON list is read as its lines are, in whatever form that is written', async () => {
    const db = await open();
    const owner = newUser();
    for (let chat = 0; chat < 2; chat++)
      await createChat(db, owner, { conversation: [say('a\n'), say('],[')] });
    const exported = await read(exportChats(db, owner));
    const list = exported
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const text of [
      JSON.stringify(list),
      ` ${JSON.stringify(list, null, 2)}\n`,
      `[${exported.trimEnd().split('\n').join('\n,')}]`,
    ]) {
      // As slow as a person types it, to where it says what it is.
      const pieces = [...text.slice(0, 300), text.slice(300)];
      for (const format of [undefined, 'questlog'] as const) {
        const report = await importChats(db, newUser(), readChats(pieces, { format }));
        expect(report).toMatchObject({ imported: 2, items: 4, skipped_count: 0, complete: true });
      }
    }
  });
});
