import { assistantMessage, functionCall, modelError, ScriptedModel } from '@openai/agents-core/testing';
import { expect, test } from 'vitest';
import { createStackAuth } from '../../src/http/auth/stack.ts';
import { createModel } from '../../src/models/model.ts';
import { asUser, serverOn } from '../support/app.ts';
import { newUser, SERVER } from '../support/databases.ts';
import { startStackAuthStub } from '../support/stack-auth.ts';

interface LogLine {
  readonly request_id?: string;
  readonly chat_id?: string;
  readonly run_id?: string;
  readonly [name: string]: unknown;
}

/** Must not be in any log, in whatever it was sent. */
const MARK = 'mArKeD';
/** What the model's provider says of a failure: the log alone tells its operator. */
const SAID = 'see https://provider.internal/errors';

function scripted(): ScriptedModel {
  const failure = Object.assign(new Error(`400 cannot answer: ${SAID}`), {
    status: 400,
    error: { message: MARK },
    headers: { authorization: MARK },
  });
  return new ScriptedModel([
    [functionCall('save_note', { text: MARK }, { callId: 'c1' })],
    [functionCall('roll_dice', { notation: MARK }, { callId: 'c2' })],
    [assistantMessage(`I have saved ${MARK}`)],
    [assistantMessage(`streamed ${MARK}`)],
    modelError(failure),
    modelError(new TypeError(`broken ${MARK}\n    second line ${MARK}`)),
    [functionCall(`no_such_${MARK}`, {}, { callId: 'c3' })],
  ]);
}

/** Sends the mark through every route, well and badly. */
async function exercise(ask: ReturnType<typeof asUser>): Promise<void> {
  const item = { role: 'user', content: MARK, [MARK]: MARK };
  const made = await ask('POST', '/chats', { title: MARK, conversation: [item] });
  const { chat_id: id } = made.json();
  await ask('PUT', `/chats/${id}`, { title: MARK }, { 'if-match': `"${MARK}"` });
  await ask('PUT', `/chats/${id}`, { conversation: [item, item] });
  for (const query of ['', `?cursor=${MARK}`, `?${MARK}=${MARK}`, `?include=${MARK}`, `?skip=${MARK}`]) {
    await ask('GET', `/chats${query}`);
  }
  await ask('GET', `/chats/${id}/items?before=${MARK}`);
  await ask('GET', `/chats/${id}`, undefined, { 'if-none-match': MARK });
  const bodies = [`{"${MARK}`, `{"${MARK}":"${MARK}"}`, { conversation: [{ [MARK]: MARK }, MARK] }];
  for (const body of [...bodies, `{"conversation":[{"${MARK}":1e400}]}`, { title: `${MARK}\0` }, MARK]) {
    await ask('POST', '/chats', body);
    await ask('POST', '/chat/run', body);
  }
  await ask('POST', '/chats', `${MARK}`, { 'content-type': `text/${MARK}` });
  await ask('POST', '/chats', JSON.stringify({ title: MARK.repeat(2_000_000) }));
  await ask('POST', '/chat/run', { input: MARK, session_id: id, context: { [MARK]: MARK } });
  for (const url of ['/chat/stream', '/chat/run', '/chat/stream', '/chat/run']) {
    await ask('POST', url, { input: [item], session_id: id });
  }
  await ask('POST', '/chat/run', { input: [{ role: MARK }] });
  for (const url of [`/${MARK}`, `/chats/%${MARK}`, `/?${MARK}`, `/docs/${MARK}`]) await ask('GET', url);
  await ask('POST', `/chats/${id}/restore`);
  await ask('DELETE', `/chats/${id}?permanent=${MARK}`);
  await ask('DELETE', `/chats/${id}?permanent=true`);
}

async function logged(
  work: (ask: ReturnType<typeof asUser>) => Promise<void>,
): Promise<{ text: string; user: string }> {
  const db = await SERVER.open();
  const model = { ...(await createModel({})), model: scripted(), name: 'scripted', offline: false };
  let text = '';
  const app = await serverOn(db, {
    model,
    onLog: (line) => {
      text += line;
    },
  });
  const user = newUser();
  await work(asUser(app, user));
  await app.close();
  return { text, user };
}

const parse = (text: string): LogLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('no log, at any level, holds what users, models or tools said', async () => {
  const { text } = await logged(exercise);
  expect(text).not.toContain(MARK);
  const lines = parse(text);
  expect(lines.filter(({ msg }) => msg === 'request').length).toBeGreaterThan(30);
  expect(lines.filter(({ msg }) => msg === 'run failed').length).toBe(3);
  for (const line of lines.filter(({ msg }) => msg !== 'request'))
    expect(line.request_id).toMatch(/^[0-9a-f-]{36}$/);
});

test('a request is one line of JSON with its ids; a run adds when it started and how it ended', async () => {
  let id = '';
  const { text, user } = await logged(async (ask) => {
    id = (await ask('POST', '/chats', {})).json().chat_id;
    await ask('GET', `/chats/${id}?active_only=true`);
    await ask('GET', '/chats/unknown');
    await ask('POST', '/chat/run', { input: 'x', session_id: id });
    await ask('GET', '/health');
  });
  const lines = parse(text);
  const [created, read, refusal, missing, started, completed, run] = lines;
  const request = {
    level: 30,
    request_id: expect.any(String),
    user_id: user,
    duration_ms: expect.any(Number),
  };
  expect(created).toMatchObject({ ...request, method: 'POST', route: '/chats', status: 201 });
  expect(read).toMatchObject({
    ...request,
    method: 'GET',
    route: '/chats/:chat_id',
    status: 200,
    chat_id: id,
  });
  expect(refusal).toMatchObject({ error: { code: 'chat_not_found' }, request_id: missing?.request_id });
  expect(missing).toMatchObject({ status: 404, chat_id: 'unknown' });
  expect(run).toMatchObject({ ...request, route: '/chat/run', status: 200, run_id: expect.any(String) });
  const ids = { request_id: run?.request_id, run_id: run?.run_id, chat_id: id, agent: 'Dungeon Master' };
  expect(started).toMatchObject({ ...ids, msg: 'run started' });
  expect(completed).toMatchObject({ ...ids, msg: 'run completed', usage: { requests: 3 } });
  expect(lines).toHaveLength(7);
});

test('a failure is logged with what its operator needs: codes, and where in the program it was', async () => {
  const { text } = await logged(async (ask) => {
    for (let index = 0; index < 5; index++) await ask('POST', '/chat/run', { input: 'x', session_id: null });
  });
  const failures = parse(text).filter(({ msg }) => msg === 'run failed');
  expect(failures).toMatchObject([
    {
      error: {
        code: 'model_input_refused',
        cause: { type: 'Error', status: 400, message: `400 cannot answer: ${SAID}` },
      },
    },
    { error: { code: 'run_failed', cause: { type: 'TypeError', stack: expect.any(Array) } } },
    { error: { code: 'model_failed', cause: { type: 'ModelBehaviorError' } } },
  ]);
  const answered = parse(text).filter(({ msg }) => msg === 'request failed');
  expect(answered.map(({ error }) => error)).toEqual(failures.slice(1).map(({ error }) => error));
});

test('no log holds a token, whichever header it came in, valid or not', async () => {
  const stack = await startStackAuthStub();
  try {
    let text = '';
    const db = await SERVER.open();
    const app = await serverOn(db, {
      authenticate: createStackAuth({ ...stack.options, secretServerKey: stack.secretServerKey }),
      onLog: (line) => {
        text += line;
      },
    });
    const userId = newUser();
    const tokens = [
      await stack.sign({ userId }),
      await stack.sign({ expiresIn: -60 }),
      'no.valid.token',
      `x${MARK}`,
    ];
    const statuses = new Set<number>();
    for (const token of tokens) {
      for (const headers of [
        { 'x-stack-access-token': token },
        { authorization: `Bearer ${token}` },
        { 'x-stack-auth': JSON.stringify({ accessToken: token, refreshToken: `refresh-${MARK}` }) },
        { authorization: `Bearer ${token}`, cookie: `session=${MARK}` },
      ]) {
        statuses.add((await app.inject({ url: '/chats', headers })).statusCode);
      }
    }
    expect(statuses).toEqual(new Set([200, 401]));
    const unchecked = await stack.sign({ userId: newUser() });
    tokens.push(unchecked);
    stack.goDown();
    const reply = await app.inject({ url: '/chats', headers: { authorization: `Bearer ${unchecked}` } });
    expect(reply.statusCode).toBe(503);
    await app.close();
    expect(text).toContain('"msg":"request"');
    for (const token of tokens) {
      for (const part of token.split('.').filter(({ length }) => length > 5))
        expect(text).not.toContain(part);
    }
    for (const secret of [MARK, stack.secretServerKey]) expect(text).not.toContain(secret);
  } finally {
    await stack.close();
  }
});
