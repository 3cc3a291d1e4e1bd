import { describe, expect, it } from 'vitest';
import { importChats } from '../../src/carry/import-chats.ts';
import { readChats } from '../../src/carry/read-chats.ts';
import { DatabaseSession, getChatById } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const text = (role: string, ...parts: unknown[]) => ({
  author: { role },
  content: { content_type: 'text', parts },
});
const content = (content_type: string, rest: object, role = 'assistant') => ({
  author: { role },
  content: { content_type, ...rest },
});

interface Node {
  readonly parent?: string | null;
  readonly children?: readonly unknown[];
  readonly message?: unknown;
}

const conversation = (mapping: Readonly<Record<string, Node | null>>, rest: object = {}) => ({
  id: newUser(),
  title: 'A chat',
  create_time: 1_700_000_000.5,
  update_time: null,
  mapping,
  ...rest,
});

describe.each(DATABASES)('conversations of ChatGPT in $name', ({ open }) => {
  const importOne = async (one: { id: string }) => {
    const [db, userId] = [await open(), newUser()];
    const json = JSON.stringify([one]);
    const report = await importChats(db, userId, readChats([json.slice(0, 50), json.slice(50)]));
    const session = new DatabaseSession(one.id, db, { userId });
    const items = (await session.getItems()) as { role: string; content: unknown }[];
    return { db, userId, report, session, items, texts: items.map(textOf) };
  };

  it('have the way to the current node as their history, and the others as alternatives', async () => {
    const mapping = {
      root: { parent: null, children: ['system'], message: null },
      system: { parent: 'root', children: ['q1', 'q2'], message: text('system', '') },
      q1: { parent: 'system', children: ['a1'], message: text('user', 'q1') },
      a1: { parent: 'q1', children: ['q3'], message: text('assistant', 'a1') },
      q3: { parent: 'a1', children: ['a3', 'b3'], message: text('user', 'q3') },
      a3: { parent: 'q3', children: [], message: text('assistant', 'a3') },
      b3: { parent: 'q3', children: [], message: text('assistant', 'b3') },
      q2: { parent: 'system', children: ['a2'], message: text('user', 'q2') },
      a2: { parent: 'q2', children: [], message: text('assistant', 'a2') },
    };
    const { report, session, texts } = await importOne(conversation(mapping, { current_node: 'a2' }));
    expect(report).toMatchObject({ imported: 1, items: 7, changed: [], complete: true });
    expect(texts).toEqual(['q2', 'a2']);
    const selectOther = async () => {
      const found = (await session.listAlternatives()).filter(({ isCurrent }) => !isCurrent);
      await session.selectAlternative(found[0]?.alternativeId ?? -1);
      return (await session.getItems()).map(textOf);
    };
    expect(await selectOther()).toEqual(['q1', 'a1', 'q3', 'b3']);
    expect(await session.listAlternatives()).toHaveLength(4);
  });

  it('keep what was shown as text, and count what was not', async () => {
    const messages = [
      text('user', 'Hi', null, ''),
      content('user_editable_context', { user_profile: 'secret' }, 'user'),
      { ...text('user', 'hidden'), metadata: { is_visually_hidden_from_conversation: true } },
      content(
        'multimodal_text',
        { parts: [{ content_type: 'image_asset_pointer', asset_pointer: 'file-1' }, 'Look'] },
        'user',
      ),
      { ...text('user', ''), metadata: { attachments: [{ id: 'f', name: 'a.pdf' }, null] } },
      content('code', { language: 'python', text: 'print("```")' }),
      content('execution_output', { text: 'done' }, 'tool'),
      content('tether_quote', { title: 'T', url: 'u', text: 'x' }),
      content('tether_browsing_display', { result: 'found' }),
      content('thoughts', { thoughts: [{ summary: 's' }] }),
      content('of_tomorrow', { text: 'said' }),
      content('of_tomorrow', { other: 1, parts: [{ a: 1 }] }),
      { author: { role: 'assistant' }, content: null },
      { author: null, content: 5 },
      'no message',
    ];
    const mapping = Object.fromEntries(
      messages.map((message, n) => [
        `n${n}`,
        { parent: n === 0 ? null : `n${n - 1}`, children: [`n${n + 1}`], message },
      ]),
    ) as Record<string, Node>;
    const { report, texts } = await importOne(conversation(mapping, { current_node: 'n14' }));
    expect(texts).toEqual([
      'Hi',
      '[image: file-1]\nLook',
      '[file: a.pdf]',
      '````python\nprint("```")\n````',
      '```\ndone\n```',
      'T\nu\nx',
      'found',
      'said',
    ]);
    expect(report.changed.map(({ what }) => what).sort()).toEqual([
      '1 content of type of_tomorrow left out',
      '1 custom instructions left out',
      '1 hidden messages left out',
      '1 thoughts of the model left out',
    ]);
  });

  it('are read though nodes are null, parents are missing or circles, and current nodes are not there', async () => {
    const { texts } = await importOne(
      conversation(
        {
          empty: null,
          a: { parent: 'lost', children: ['gone', 3, 'b'], message: text('user', 'a') },
          b: { message: text('assistant', 'b') },
          c: { parent: 'b', message: text('user', 'c') },
        } as never,
        { current_node: 'nowhere' },
      ),
    );
    expect(texts).toEqual(['a', 'b', 'c']);
    const circle = {
      a: { parent: 'b', children: ['b'], message: text('user', 'a') },
      b: { parent: 'a', children: ['a'], message: text('assistant', 'b') },
    };
    expect((await importOne(conversation(circle, { current_node: 'b' }))).texts).toEqual(['a', 'b']);
    expect((await importOne(conversation({}))).texts).toEqual([]);
  });

  it('are imported without those that cannot be read, and with the times and titles that they have', async () => {
    const [db, userId] = [await open(), newUser()];
    const good = conversation({ a: { message: text('user', 'a') } });
    const list = [5, null, { id: 'x' }, { mapping: {} }, good, { ...good, id: '', title: '\u0000\ud800x' }];
    const report = await importChats(db, userId, readChats(JSON.stringify(list)));
    expect(report).toMatchObject({ imported: 2, skipped_count: 4 });
    const chat = await getChatById(db, good.id, userId);
    expect(chat).toMatchObject({ title: 'A chat', createdAt: new Date(1_700_000_000_500) });
    expect(chat?.updatedAt).toEqual(chat?.createdAt);
    expect(await importChats(db, userId, readChats(JSON.stringify(list)))).toMatchObject({
      already_there: 2,
    });
    const cut = JSON.stringify([conversation({ a: { message: text('user', '][}{"') } }), good]);
    for (let end = 1; end < cut.length; end += 29) {
      const reader = newUser();
      const found = await importChats(db, reader, readChats([cut.slice(0, end)])).catch(
        (error) => error.code,
      );
      expect(found.complete ?? found).not.toBe(true);
    }
  });
});

function textOf(item: object): unknown {
  const said: unknown = Reflect.get(item, 'content');
  return Array.isArray(said) ? said.map((part) => part.text).join('') : said;
}
