import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeClock } from '../../src/server/doctor/clock.ts';
import { describeConnections } from '../../src/server/doctor/connections.ts';
import { runCheck } from '../../src/server/doctor/finding.ts';
import { checkNode, describeDisk, LEAST_NODE } from '../../src/server/doctor/machine.ts';

test('limits are where they are said to be', async () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(engines.node).toBe(`>=${LEAST_NODE}`);
  const nodes = await Promise.all(['18.20.0', '20.18.9', '20.19.0', '22.0.0'].map(checkNode));
  expect(nodes.flat().map(({ status }) => status)).toEqual(['fail', 'fail', 'ok', 'ok']);
  expect([2e9, 5e8, 5e7].map((free) => describeDisk(free, '.').status)).toEqual(['ok', 'warn', 'fail']);
  expect([4_000, -9_000, 90_000].map((ms) => describeClock('it', ms).status)).toEqual(['ok', 'warn', 'fail']);
  const connections = [5, 95, 0].map((used, at) =>
    describeConnections({ used, most: at === 2 ? 10 : 97 }, 10, 1),
  );
  expect(connections.map(({ status }) => status)).toEqual(['ok', 'warn', 'fail']);
});

test('what never answers is a failure after ten seconds', { timeout: 20_000 }, async () => {
  const hangs = { name: 'database', run: () => new Promise<never>(() => undefined) };
  expect(await runCheck(hangs)).toEqual([
    expect.objectContaining({ name: 'database', status: 'fail', found: 'no answer within 10 seconds' }),
  ]);
});
