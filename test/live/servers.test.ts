import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { subscribe } from '../../src/client/live.ts';
import type { Signal } from '../../src/wire/live.ts';
import { createPostgresDatabase } from '../support/databases.ts';
import { TestSocket } from '../support/live-socket.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { type CliServer, startCliServer } from '../support/server.ts';

async function createChat(server: CliServer, title: string): Promise<string> {
  const reply = await server.ask('POST', '/chats', { title });
  return ((await reply.json()) as { chat_id: string }).chat_id;
}

/** A client that goes to whichever server is up, and the signals that it got. */
function clientOf(servers: CliServer[]) {
  const signals: Signal[] = [];
  const waiting = new Set<() => void>();
  const note = () => {
    for (const wake of waiting) wake();
  };
  const live = subscribe({
    url: () => servers[0]?.url ?? '',
    WebSocket,
    retryMs: { least: 20, most: 200 },
    onSignal: (signal) => {
      signals.push(signal);
      note();
    },
    onState: note,
  });
  onTestFinished(() => live.close());
  const until = async (holds: () => boolean) => {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
      });
    }
  };
  return {
    live,
    until,
    signal: (type: Signal['type'], chatId: string) =>
      until(() =>
        signals.some((signal) => signal.type === type && Reflect.get(signal, 'chat_id') === chatId),
      ),
  };
}

describe('two servers on one PostgreSQL', () => {
  const start = async (more: Record<string, string> = {}) => {
    const env = { DATABASE_URL: await createPostgresDatabase(), ...more };
    // One after the other: the first makes the tables.
    return [await startCliServer(env), await startCliServer(env)] as const;
  };

  test('what is written through one is seen through the other, a run included', async () => {
    const [one, other] = await start();
    const socket = await new TestSocket(other.url).ready();
    const chatId = await createChat(one, 'seen');
    await socket.message('chat_created', (signal) => signal.chat_id === chatId);
    const reply = await one.ask('POST', '/chat/run', { input: 'roll 2d6', session_id: chatId });
    expect(reply.status).toBe(200);
    const ended = await socket.message('run_ended');
    expect(ended).toMatchObject({ chat_id: chatId, status: 'completed' });
    const run = (await (await one.ask('GET', `/runs/${ended.run_id}`)).json()) as { last_event: number };
    expect(ended.last_event).toBe(run.last_event);
    const { last } = await socket.message('items_replaced');
    const page = await (await other.ask('GET', `/chats/${chatId}/items`)).json();
    expect((page as { items: { position: number }[] }).items.at(-1)?.position).toBe(last);
  });

  test('the clients of one that is killed move to the other and miss nothing', async () => {
    const [one, other] = await start();
    const servers = [one, other];
    const client = clientOf(servers);
    await client.until(() => client.live.state === 'live');
    const before = await createChat(other, 'before');
    await client.signal('chat_created', before);
    servers.shift();
    await one.program.kill('SIGKILL');
    await client.until(() => client.live.state === 'connecting');
    const meanwhile = await createChat(other, 'meanwhile');
    await other.ask('POST', '/chat/run', { input: 'hello', session_id: before });
    await client.signal('chat_created', meanwhile);
    await client.signal('run_ended', before);
    await client.until(() => client.live.state === 'live');
  });

  test('one that is stopped says so at once, and its clients move', async () => {
    const [one, other] = await start({ QUESTLOG_SHUTDOWN: '0' });
    const servers = [one, other];
    const client = clientOf(servers);
    const socket = await new TestSocket(one.url).ready();
    await client.until(() => client.live.state === 'live');
    servers.shift();
    const exit = one.program.kill('SIGTERM');
    expect(await socket.closed).toMatchObject({ code: 1001 });
    const chatId = await createChat(other, 'after');
    await client.signal('chat_created', chatId);
    expect(await exit).toMatchObject({ code: 0 });
  });
});

describe('two servers that tell each other over NATS', () => {
  test('see what is written through the other', async (context) => {
    const nats = await startNatsServer();
    if ('missing' in nats) return context.skip(nats.missing);
    const env = { DATABASE_URL: await createPostgresDatabase(), QUESTLOG_LIVE_URL: nats.url };
    const [one, other] = [await startCliServer(env), await startCliServer(env)];
    const socket = await new TestSocket(other.url).ready();
    const chatId = await createChat(one, 'seen');
    await socket.message('chat_created', (signal) => signal.chat_id === chatId);
  });
});
