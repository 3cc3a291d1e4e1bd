import { expect, it, onTestFinished, vi } from 'vitest';
import { LeaseRenewer } from '../../src/run/lifecycle/lease-renewer.ts';
import type { RunLease } from '../../src/store/runs/runs.ts';

it.each([
  { where: 'one database', isDistributed: false, statements: 1 },
  { where: 'a cluster', isDistributed: true, statements: 2 },
])('on $where that does not answer, a lease is asked for once', async ({ isDistributed, statements }) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let asked = 0;
  const query = () => {
    asked += 1;
    return new Promise<never>(() => undefined);
  };
  const renewer = new LeaseRenewer({ query, isDistributed }, 10_000);
  const listener = { onLost: () => undefined, onCancelled: () => undefined };
  for (const userId of ['ann', 'bob']) {
    const lease: RunLease = { userId, runId: `run-of-${userId}`, chatId: null, epoch: '1' as never };
    renewer.add(lease, listener);
    onTestFinished(() => renewer.remove(lease));
  }
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).toBe(statements);
});
