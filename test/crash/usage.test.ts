import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { getUsage } from '../../src/index.ts';
import { processStage } from '../support/process-stage.ts';

test('a server that is killed in mid-run loses nothing of what its models were used for, and the next counts on', {
  timeout: 120_000,
}, async () => {
  const LONG = 600_000;
  const calls = 3;
  const { db, api, file, start, userId } = await processStage((input) => {
    const from = input.findLastIndex(({ role }) => role === 'user');
    const done = input.slice(from).filter(({ type }) => type === 'function_call_output').length;
    if (JSON.stringify(input[from]).includes('next')) return { text: 'Fine.' };
    const ms = done + 1 < calls ? 1 : LONG;
    return { calls: [{ name: 'record', args: { line: `${done}`, ms } }] };
  });
  const chats = ['a', 'b', 'c'];
  for (let kill = 1; kill <= 2; kill += 1) {
    const server = await start({ leaseMs: 2_000 });
    for (const chat of chats)
      void server
        .ask('POST', '/chat/run', { input: 'go', session_id: `${chat}${kill}` })
        .catch(() => undefined);
    const asked = () => api.asked.length;
    // Each run is in its last tool: every answer was acted on, at this moment.
    const executed = () => readFileSync(file, 'utf8').trim().split('\n').length;
    await expect.poll(executed, { timeout: 20_000, interval: 1 }).toBe(kill * chats.length * calls);
    await server.program.kill('SIGKILL');
    expect((await getUsage(db, userId)).totals.requests).toBe(asked());
    const next = await start({ leaseMs: 2_000 });
    for (const chat of chats)
      await expect
        .poll(
          async () =>
            (await next.ask('POST', '/chat/run', { input: 'next', session_id: `${chat}${kill}` })).status,
          { timeout: 20_000, interval: 200 },
        )
        .toBe(200);
    const { totals, entries } = await getUsage(db, userId, { by: 'run' });
    expect(totals).toMatchObject({ requests: asked(), totalTokens: 10 * asked() });
    expect(entries.map(({ requests }) => requests).sort()).toEqual(
      Array.from({ length: kill }, () => [1, 1, 1, calls, calls, calls])
        .flat()
        .sort(),
    );
    await next.program.kill();
  }
});
