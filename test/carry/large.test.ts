import { describe, expect, it } from 'vitest';
import { exportChats } from '../../src/carry/export-chats.ts';
import { importChats } from '../../src/carry/import-chats.ts';
import { readChats } from '../../src/carry/read-chats.ts';
import type { Queryable } from '../../src/driver/driver.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { createChat, DatabaseSession } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { importText, read, say } from './histories.ts';

describe.each(DATABASES)('an export from $name', ({ open, openEmpty }) => {
  it('reads an item that is larger than a page in pieces, and none before it is asked for', async () => {
    const [db, target] = [await open(), await openEmpty()];
    await migrate(target);
    const userId = newUser();
    const large = say(`"é🎲\\`.repeat(400_000));
    await createChat(db, userId, { conversation: [say('a'), large, say('b')] });
    let statements = 0;
    const counted: Queryable = {
      query: (statement) => {
        statements += 1;
        return db.query(statement);
      },
    };
    const texts = exportChats(counted, userId);
    for (const most of [1, 3, 4]) {
      await texts.next();
      expect(statements).toBeLessThanOrEqual(most);
    }
    await texts.return();
    const pieces: string[] = [];
    for await (const piece of exportChats(db, userId)) pieces.push(piece);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(1_100_000);
    expect(await importChats(target, userId, readChats(pieces))).toMatchObject({ imported: 1, items: 3 });
    expect(await read(exportChats(target, userId))).toBe(pieces.join(''));
  });

  it('of a chat that is changed meanwhile has it as it was at one moment', async () => {
    const [db, target] = [await open(), await openEmpty()];
    await migrate(target);
    const userId = newUser();
    const conversation = Array.from({ length: 30 }, (_, n) => say(`${n}`.padEnd(100_000, 'x')));
    const { chatId } = await createChat(db, userId, { conversation });
    const session = new DatabaseSession(chatId, db, { userId });
    let exported = '';
    let changes = 0;
    for await (const piece of exportChats(db, userId)) {
      exported += piece;
      if (piece.includes('"position":2,') && changes++ < 2) await session.popItem();
      if (changes === 3) await session.addItems([say('later')]);
    }
    expect(exported.match(/chat_cancelled/g)).toHaveLength(2);
    expect(await importText(target, userId, exported)).toMatchObject({ imported: 1, items: 28, skipped: [] });
    expect(await new DatabaseSession(chatId, target, { userId }).getItems()).toEqual(
      conversation.slice(0, 28),
    );
  });
});
