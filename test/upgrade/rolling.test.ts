import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { subscribe } from '../../src/client/live.ts';
import type { Signal } from '../../src/wire/live.ts';
import { textOf } from '../support/agents.ts';
import { createPostgresDatabase } from '../support/databases.ts';
import { compilePrevious } from '../support/previous-build.ts';
import { type CliServer, startCli, startCliServer } from '../support/server.ts';
import { Talks } from './talks.ts';

/** Whoever is asked about a chat that is gone on with. */
async function conversationOf(server: CliServer, chatId: string) {
  const reply = await server.ask('GET', `/chats/${chatId}`);
  return (await reply.json()) as { title: string; conversation: Parameters<typeof textOf>[0][] };
}

/** Signals of whichever server is up. */
function watch(servers: readonly CliServer[]): Signal[] {
  const signals: Signal[] = [];
  const live = subscribe({
    url: () => servers[0]?.url ?? '',
    WebSocket,
    retryMs: { least: 20, most: 200 },
    onSignal: (signal) => signals.push(signal),
  });
  onTestFinished(() => live.close());
  return signals;
}

test('while one version takes the place of another nothing acknowledged is lost or doubled, and all is told', async (context) => {
  const previous = compilePrevious();
  if ('missing' in previous) return context.skip(previous.missing);
  const { script } = previous;
  const env = { DATABASE_URL: await createPostgresDatabase(), QUESTLOG_RATE_LIMIT: '1000000' };
  const servers = [await startCliServer(env, { script }), await startCliServer(env, { script })];
  const signals = watch(servers);
  const talks = new Talks(servers, 6);
  await talks.advance(3);

  const migrated = startCli(env, { args: ['migrate'] });
  expect(await migrated.exited, migrated.output()).toMatchObject({ code: 0 });
  expect(migrated.output()).toMatch(/^applied: \d{4}-/);
  // The processes of the version before go on; another one of them does not start.
  await talks.advance(3);
  const late = startCli(env, { script });
  expect(await late.exited).toMatchObject({ code: 1 });
  expect(late.output()).toMatch(
    /the database is at migration \d+, this version of Questlog knows \d+: use a newer Questlog/,
  );

  for (const _ of [1, 2]) {
    servers.push(await startCliServer(env));
    await talks.advance(2);
    const [old] = servers.splice(0, 1);
    expect(await old?.program.kill('SIGTERM')).toMatchObject({ code: 0 });
    await talks.advance(2);
  }
  await talks.end();

  expect(talks.faults).toEqual([]);
  for (const { chatId, answered, titles } of talks.talks) {
    const { title, conversation } = await conversationOf(servers[0] as CliServer, chatId);
    const said = conversation.filter((item) => 'role' in item && item.role === 'user').map(textOf);
    expect(said).toEqual(answered.map(({ message }) => message));
    expect(title).toBe(titles.at(-1));
    const last = answered.at(-1)?.runId;
    await expect
      .poll(() => signals.some((signal) => signal.type === 'run_ended' && signal.run_id === last))
      .toBe(true);
  }
}, 300_000);
