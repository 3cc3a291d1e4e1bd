import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPostgresDatabase } from '../support/databases.ts';
import { startCliServer } from '../support/server.ts';
import { startStackAuthStub } from '../support/stack-auth.ts';

/** As large as the limits allow: 10 MB, 10,000 items, nearly a million values, two bytes a character on the heap. */
const DEAREST = ofItems(`{"role":"user","content":"…${'x'.repeat(750)}","n":[${'1,'.repeat(90)}1]}`, 10_000);
/** Not allowed: three million items. */
const EMPTY_ITEMS = ofItems('{}', 3_333_320);

function ofItems(item: string, count: number): string {
  return `{"conversation":[${Array(count).fill(item).join(',')}]}`;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Users of a server with a small heap, each request on a connection of its own. */
async function stage(env: Readonly<Record<string, string>>) {
  const stack = await startStackAuthStub();
  onTestFinished(() => stack.close());
  const { program, url } = await startCliServer({
    NODE_OPTIONS: '--max-old-space-size=384',
    STACK_PROJECT_ID: stack.projectId,
    STACK_API_URL: stack.apiUrl,
    LOG_LEVEL: 'warn',
    // A neighbour that asks as fast as it can is not what is tried here.
    QUESTLOG_RATE_LIMIT: '1000000',
    ...env,
  });
  const asUser = async (userId: string) => {
    const token = await stack.sign({ userId });
    return async (method: string, path: string, body: string): Promise<Answer> => {
      const headers = { 'x-stack-access-token': token, 'content-type': 'application/json' };
      const sent = request(url + path, { method, agent: false, headers });
      const answered = once(sent, 'response');
      // What is refused may be cut off before all of it is sent.
      sent.on('error', () => undefined);
      sent.end(body);
      const [reply] = (await answered) as [IncomingMessage];
      const { statusCode: status = 0, headers: replied } = reply;
      return { status, retryAfter: Number(replied['retry-after']), body: Object(await json(reply)) };
    };
  };
  return { program, asUser };
}

describe.each([
  ['PostgreSQL', async () => ({ DATABASE_URL: await createPostgresDatabase() })],
  ['PGlite', async () => ({})],
] as const)('a server with a heap of 384 MB on %s', (_name, open) => {
  test('lives through the dearest bodies of one user, and serves another one meanwhile', async () => {
    const { program, asUser } = await stage(await open());
    const [attacker, neighbour] = [await asUser('attacker'), await asUser('neighbour')];
    const { chat_id: id } = (await attacker('POST', '/chats', '{}')).body;
    let isOver = false;
    const attack = Promise.all([
      ...Array.from({ length: 20 }, () => attacker('PUT', `/chats/${id}`, DEAREST)),
      ...Array.from({ length: 12 }, () => attacker('POST', '/chats', EMPTY_ITEMS)),
    ]).finally(() => {
      isOver = true;
    });
    do {
      expect(await neighbour('POST', '/chats', '{"title":"Mine"}')).toMatchObject({ status: 201 });
    } while (!isOver);
    const answers = await attack;
    for (const { status, retryAfter, body } of answers) {
      expect([200, 413, 429], JSON.stringify(body).slice(0, 200)).toContain(status);
      if (status === 429) expect(retryAfter).toBeGreaterThan(0);
    }
    expect(answers.map(({ status }) => status)).toContain(200);
    expect(await attacker('POST', '/chats', '{}')).toMatchObject({ status: 201 });
    expect(await program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, 600_000);
});
