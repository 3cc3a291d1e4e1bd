import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ApiError, newId, QuestlogClient, type RunEvent } from '../../src/client/index.ts';
import { serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';

describe.each(DATABASES)('the client of a server on $name', ({ open }) => {
  const connect = async (env: Readonly<Record<string, string>> = {}) => {
    const app = await serverOn(await open(), { env });
    await app.listen({ port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const userId = newUser();
    const asUser = ((url, init) =>
      fetch(url as string, {
        ...init,
        headers: { ...(init?.headers as object), 'x-test-user': userId },
      })) as typeof fetch;
    return new QuestlogClient({ baseUrl: `http://127.0.0.1:${port}`, fetch: asUser });
  };

  it('keeps chats: creates, renames, finds, pages, deletes, restores, removes', async () => {
    const client = await connect();
    const made: string[] = [];
    for (const title of ['The Citadel', 'Taverns of Ürd', 'citadel 2', null]) {
      made.push((await client.createChat({ title })).chat_id);
    }
    const titles = async (options: Parameters<typeof client.listChats>[0]) =>
      (await client.listChats(options)).chats.map(({ title }) => title);
    expect(await titles({ query: 'CITADEL' })).toEqual(['citadel 2', 'The Citadel']);
    expect(await titles({ query: '%' })).toEqual([]);
    const first = await client.listChats({ limit: 3 });
    expect(first.total).toBe(4);
    const cursor = first.next_cursor ?? '';
    expect(await titles({ limit: 3, cursor })).toEqual(['The Citadel']);
    const found = await client.listChats({ limit: 1, query: 'citadel' });
    expect([found.total, found.chats.length]).toEqual([2, 1]);
    expect(await titles({ limit: 1, query: 'citadel', cursor: found.next_cursor ?? '' })).toEqual([
      'The Citadel',
    ]);

    const chatId = made[2] as string;
    expect((await client.updateChat(chatId, { title: 'Renamed' })).title).toBe('Renamed');
    await client.deleteChat(chatId);
    await expect(client.getChat(chatId)).rejects.toMatchObject({ code: 'chat_not_found' });
    expect(await titles({ state: 'deleted' })).toEqual(['Renamed']);
    expect(await titles({ state: 'deleted', query: 'no such' })).toEqual([]);
    expect(await titles({ state: 'all' })).toHaveLength(4);
    expect((await client.listItems(chatId, { includeDeleted: true })).items).toEqual([]);
    expect((await client.restoreChat(chatId)).is_active).toBe(true);
    await client.deleteChat(chatId, { permanent: true });
    await expect(client.restoreChat(chatId)).rejects.toBeInstanceOf(ApiError);
    expect(await titles({ state: 'deleted' })).toEqual([]);
  });

  it('reads what was used, and does not wait for another day where that is limited', async () => {
    const client = await connect({ QUESTLOG_LIMIT_RUNS: '1' });
    const { run_id: runId, usage } = await client.run({ input: 'Hello' });
    expect((await client.usage.read({ by: 'run', limit: 1 })).items).toMatchObject([
      { key: runId, total_tokens: usage.total_tokens },
    ]);
    const refused = await client.stream({ input: 'Hello' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({
      ...{ code: 'usage_limit', status: 429, isPassing: false },
      problem: { limit: 'runs', resets_at: expect.stringContaining('T00:00:00.000Z') },
    });
  });

  it('finds titles and what was said, in pages', async () => {
    const client = await connect();
    const conversation = [{ role: 'user', content: 'A gryphon & 100% ale' }];
    const { chat_id: chatId } = await client.createChat({ title: 'Gryphons', conversation });
    const first = await client.searchChats('gryphon', { limit: 1 });
    const second = await client.searchChats('gryphon', { limit: 1, cursor: first.next_cursor ?? '' });
    expect([...first.items, ...second.items].map(({ chat_id, position }) => [chat_id, position])).toEqual([
      [chatId, null],
      [chatId, 0],
    ]);
    expect(second.next_cursor).toBeNull();
    expect((await client.searchChats('& 100% ale', { tools: true })).items).toHaveLength(1);
  });

  it('takes all that is stored of the user along, says for how long it is kept, and removes it', async () => {
    const client = await connect();
    const odd = '\u2028 "quoted"\n𝕏 \u202e';
    const { chat_id } = await client.createChat({
      title: odd,
      conversation: [{ role: 'user', content: odd }],
    });
    await client.setChatExpiry(chat_id, new Date('2030-01-01T00:00:00Z'));
    expect(await client.user.getRetention()).toEqual({ inactive_days: null });
    expect(await client.user.setRetention({ inactive_days: 30 })).toEqual({ inactive_days: 30 });
    const text = await new Response(await client.user.read()).text();
    const rows = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    const of = (table: string) => rows.filter((row) => row.table === table).map(({ row }) => row);
    expect(of('chats')).toMatchObject([{ chat_id, title: odd }]);
    expect(Date.parse(of('chats')[0].expires_at)).toBe(Date.parse('2030-01-01T00:00:00Z'));
    expect(of('chat_items')).toMatchObject([{ item: { content: odd } }]);
    expect(of('user_retention')).toMatchObject([{ inactive_days: 30 }]);
    const { removed } = await client.user.delete();
    expect(removed).toContainEqual({ table: 'chats', rows: 1 });
    expect(await new Response(await client.user.read()).text()).toBe('');
    await expect(client.setChatExpiry(chat_id, null)).rejects.toMatchObject({ status: 404 });
  });

  it('rates an item, and takes it back', async () => {
    const client = await connect();
    const { chat_id: chatId } = await client.createChat({ conversation: [{ role: 'user', content: 'a' }] });
    const feedback = async () => (await client.listItems(chatId)).items[0]?.feedback;
    await client.rateItem(chatId, { position: 0, rating: 'up', comment: 'Yes' });
    expect(await feedback()).toEqual({ rating: 'up', comment: 'Yes' });
    await client.rateItem(chatId, { position: 0, rating: null });
    expect(await feedback()).toBe(null);
    await expect(client.rateItem(chatId, { position: 1, rating: 'up' })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('streams a run, gives its events again to whoever follows it, and joins it by its key', async () => {
    const client = await connect();
    const request = { input: 'Roll 3d6 for me', session_id: newId() };
    const idempotencyKey = newId();
    const run = await client.stream(request, { idempotencyKey });
    const events: RunEvent[] = [];
    for await (const { event } of run.events) events.push(event);
    expect(events.map(({ type }) => type)).toContain('run_item');
    expect(events.at(-1)?.type).toBe('stream_complete');
    expect(run.chatId).toBe(request.session_id);

    const again: RunEvent[] = [];
    for await (const { event } of client.followRun(run.runId, { after: 1 })) again.push(event);
    expect(again).toEqual(events.slice(1));
    expect((await client.stream(request, { idempotencyKey })).runId).toBe(run.runId);
    expect((await client.getRun(run.runId)).status).toBe('completed');
    expect((await client.cancelRun(run.runId)).status).toBe('completed');
    expect((await client.listRuns(request.session_id)).runs).toHaveLength(1);
    expect((await client.listItems(request.session_id)).items.map(({ run_id }) => run_id)).toEqual(
      Array(4).fill(run.runId),
    );
    expect((await client.getInfo()).model.offline).toBe(true);
  });

  it('takes items out of the history, once, and says what comes instead', async () => {
    const client = await connect();
    const session_id = newId();
    await client.run({ input: 'My name is Robin', session_id });
    await client.run({ input: 'My name is Kim', session_id });
    const positions = (await client.listItems(session_id)).items.map(({ position }) => position);
    const [from, to] = [positions[2] as number, positions.at(-1) as number];
    await client.deleteItems(session_id, { from, to });
    const reply = await client.run({ input: 'What is my name?', session_id });
    expect(reply.final_output).toContain('Robin');
    await client.deleteItems(session_id, { from, to });
    expect((await client.listItems(session_id)).items).toHaveLength(4);
    await expect(client.deleteItems(newId(), { from, to })).rejects.toMatchObject({ code: 'chat_not_found' });
  });

  it('sets items aside, lists alternatives, and goes on with one of them', async () => {
    const client = await connect();
    const session_id = newId();
    await client.run({ input: 'My name is Robin', session_id });
    const [first] = (await client.listItems(session_id)).items;
    const from = first?.position ?? -1;
    for (let times = 0; times < 2; times += 1) await client.setAside(session_id, { from, to: from });
    await client.run({ input: 'My name is Kim', session_id });
    const { points } = await client.listItems(session_id);
    expect(points[0]?.ids).toHaveLength(2);
    expect((await client.listItems(session_id, { alternative: from })).items[0]?.item).toEqual(first?.item);
    const { alternatives, has_more } = await client.listAlternatives(session_id, { limit: 1 });
    expect([alternatives[0]?.alternative_id, alternatives[0]?.current, has_more]).toEqual([
      from,
      false,
      true,
    ]);
    await client.selectAlternative(session_id, from);
    const reply = await client.run({ input: 'What is my name?', session_id });
    expect(reply.final_output).toContain('Robin');
    await expect(client.selectAlternative(session_id, 1_000)).rejects.toMatchObject({
      code: 'alternative_not_found',
    });
  });

  it('decides what a run waits for, and changes no history meanwhile', async () => {
    const client = await connect();
    const session_id = newId();
    await client.run({ input: 'Remember that the dragon sleeps', session_id });
    const notes = await client.run({ input: 'Show my notes', session_id });
    const noteId = /\(([\w-]+)\)/.exec(String(notes.final_output))?.[1];
    const waiting = await client.run({ input: `Delete the note ${noteId}`, session_id });
    const [call] = waiting.pending;
    expect(call?.name).toBe('delete_note');
    await expect(client.deleteItems(session_id, { from: 0, to: 1 })).rejects.toMatchObject({
      code: 'approval_pending',
    });
    await client.decideCalls(waiting.run_id, [
      { call_id: call?.call_id ?? '', approve: false, reason: 'Keep it' },
    ]);
    const types: string[] = [];
    for await (const { event } of client.followRun(waiting.run_id)) types.push(event.type);
    expect(types).toContain('approval_required');
    expect(types.at(-1)).toBe('stream_complete');
  });
});
