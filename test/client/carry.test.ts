import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ImportReport, QuestlogClient } from '../../src/client/index.ts';
import { serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';

describe.each(DATABASES)('the client of a server on $name', ({ open }) => {
  it('takes all chats out and in again, in as many requests as it takes', async () => {
    const app = await serverOn(await open());
    await app.listen({ port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const bodies: number[] = [];
    const clientOf = (userId: string) =>
      new QuestlogClient({
        baseUrl: `http://127.0.0.1:${port}`,
        fetch: ((url, init) => {
          if (init?.method === 'POST') bodies.push(String(init.body).length);
          return fetch(url as string, {
            ...init,
            headers: { ...(init?.headers as object), 'x-test-user': userId },
          });
        }) as typeof fetch,
      });
    const client = clientOf(newUser());
    const ids: string[] = [];
    for (let chat = 0; chat < 7; chat++) {
      const content = '{"type":"chat",'.padEnd(chat === 3 ? 9_000 : 900, 'x');
      ids.push((await client.createChat({ conversation: [{ role: 'user', content }] })).chat_id);
    }
    const text = await new Response(await client.exportChats()).text();
    const one = await new Response(await client.exportChat(ids[0] ?? '', { format: 'markdown' })).text();
    expect(one).toContain('## User');

    const other = clientOf(newUser());
    const reports: ImportReport[] = [];
    bodies.length = 0;
    const options = { maxCharacters: 3_000, onProgress: (report: ImportReport) => reports.push(report) };
    expect(await other.importChats(text, { ...options, dryRun: true })).toMatchObject({
      imported: 7,
      dry_run: true,
    });
    expect(await other.importChats(text, options)).toMatchObject({ imported: 7, complete: true });
    expect(Math.max(...bodies)).toBeLessThan(11_000);
    expect(bodies.filter((length) => length > 3_500)).toHaveLength(2);
    expect(reports.at(-1)).toMatchObject({ imported: 7 });
    expect(await other.importChats(text)).toMatchObject({ imported: 0, already_there: 7, complete: true });
    expect(await other.importChats(text.slice(0, -300), options)).toMatchObject({ complete: false });

    const asJson = await new Response(await client.exportChat(ids[3] ?? '', { format: 'json' })).text();
    const third = clientOf(newUser());
    expect(await third.importChats(asJson, { maxCharacters: 100 })).toMatchObject({
      imported: 1,
      items: 1,
      complete: true,
    });

    const conversations = Array.from({ length: 5 }, (_, n) => ({ id: `${newUser()}${n}`, mapping: {} }));
    expect(await other.importChats(JSON.stringify(conversations), { maxCharacters: 100 })).toMatchObject({
      imported: 5,
    });
    for (const wrong of ['', 'hello', '[', '{"a":1}'])
      await expect(other.importChats(wrong)).rejects.toMatchObject({ code: 'unexpected_reply' });
  });
});
