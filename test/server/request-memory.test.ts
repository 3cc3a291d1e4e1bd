import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPostgresDatabase } from '../support/databases.ts';
import { startCliServer } from '../support/server.ts';
import { startStackAuthStub } from '../support/stack-auth.ts';

const LIMIT = 10_000_000;

/** What the body limit lets one body be, each dear in its own way. */
const BODIES = {
  'a million empty items': () => fill('{}', LIMIT),
  'items of a hundred values': () => fill(`{"role":"user","content":"${'x'.repeat(760)}","n":[${'1,'.repeat(90)}1]}`),
  'text of two bytes a character': () => fill(`{"role":"user","content":"…${'x'.repeat(960)}"}`),
  'one item': () => `{"conversation":[{"role":"user","content":"${'x'.repeat(LIMIT - 60)}"}]}`,
  'one item of many values': () => `{"conversation":[{"role":"user","content":[${'{"a":1},'.repeat(490_000)}1]}]}`,
} as const;

function fill(item: string, items = 10_000): string {
  const fitting = Math.floor((LIMIT - 30) / (item.length + 1));
  return `{"conversation":[${Array(Math.min(items, fitting)).fill(item).join(',')}]}`;
}

interface Answer {
  readonly status: number;
  readonly code: unknown;
  readonly retryAfter: string | undefined;
  readonly id: unknown;
}

/** Users of a server with a small heap, each request on a socket of its own. */
async function stage(env: Readonly<Record<string, string>>) {
  const stack = await startStackAuthStub();
  onTestFinished(() => stack.close());
  const { program, url } = await startCliServer({
    NODE_OPTIONS: '--max-old-space-size=384',
    STACK_PROJECT_ID: stack.projectId,
    STACK_API_URL: stack.apiUrl,
    LOG_LEVEL: 'warn',
    ...env,
  });
  const asUser = async (userId: string) => {
    const token = await stack.sign({ userId });
    return async (method: string, path: string, body: string): Promise<Answer> => {
      const headers = { 'x-stack-access-token': token, 'content-type': 'application/json' };
      const sent = request(url + path, { method, agent: false, headers });
      sent.end(body);
      const [reply] = (await once(sent, 'response')) as [IncomingMessage];
      const content = (await json(reply)) as Record<string, unknown>;
      const { statusCode: status = 0, headers: answered } = reply;
      return { status, code: content.code, retryAfter: answered['retry-after'], id: content.chat_id };
    };
  };
  return { program, ask: asUser };
}

describe.each([
  ['PostgreSQL', async () => ({ DATABASE_URL: await createPostgresDatabase() })],
  ['PGlite', async () => ({})],
] as const)('a server of 384 MB on %s', (_name, open) => {
  test('lives through the largest bodies of one user, and serves another one', { timeout: 300_000 }, async () => {
    const { program, ask } = await stage(await open());
    const [attacker, neighbour] = [await ask('attacker'), await ask('neighbour')];
    const { id } = await attacker('POST', '/chats', '{}');
    for (const [name, make] of Object.entries(BODIES)) {
      const body = make();
      const created = Array.from({ length: 12 }, () => attacker('POST', '/chats', body));
      const replaced = Array.from({ length: 20 }, () => attacker('PUT', `/chats/${id}`, body));
      const attack = Promise.all([...created, ...replaced]);
      let isOver = false;
      void attack.finally(() => {
        isOver = true;
      });
      let served = 0;
      while (!isOver) {
        expect((await neighbour('POST', '/chats', '{"title":"Mine"}')).status, name).toBe(201);
        served += 1;
      }
      const answers = await attack;
      const hwm = (await import('node:fs')).readFileSync(`/proc/${program.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)?.[1];
      const counts: Record<string, number> = {};
      for (const a of answers) counts[`${a.status} ${a.code}`] = (counts[`${a.status} ${a.code}`] ?? 0) + 1;
      console.log(name, counts, 'served', served, 'hwm MB', Number(hwm) / 1024);
      for (const { status, code, retryAfter } of answers) {
        expect([200, 201, 413, 429, 503], String(code)).toContain(status);
        if (status === 429 || status === 503) expect(Number(retryAfter)).toBeGreaterThan(0);
      }
    }
    expect((await attacker('POST', '/chats', '{}')).status).toBe(201);
    expect(await program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
