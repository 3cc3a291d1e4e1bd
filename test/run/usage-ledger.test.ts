import { Runner } from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { getUsage, hardDeleteChat, type UsageKey, type UsageSums } from '../../src/index.ts';
import type { Runs } from '../../src/run/runs.ts';
import { DATABASES } from '../support/databases.ts';
import { runsOn, Talk } from '../support/runs.ts';
import { aModel, aPlan, Ledger, type Said } from './ledger-model.ts';

const PRICES = { small: { input: 1, cachedInput: 0.1, output: 4 } };
const BIG = { timeout: 300_000 };

/** A user whose runs are several processes' in turn. */
function stage(db: Database, ledger: Ledger) {
  const runner = new Runner({ modelProvider: ledger.provider, tracingDisabled: true });
  const make = () => runsOn(db, { runner, prices: PRICES });
  const processes: [Runs, Runs] = [make(), make()];
  const talk = new Talk(db, processes[0]);
  const go = async (tag: string, { plan, model, chatId }: Asked) => {
    const text = ledger.ask(tag, plan);
    const agent = ledger.agent(model);
    processes[1].register(agent);
    const run = await processes[0].start({ agent, input: text, userId: talk.userId, chatId });
    const hung = ledger.hung(tag).then(() => processes[1].cancel(talk.userId, run.runId));
    let done = await Promise.race([settle(run.result()), hung.then(() => settle(run.result()))]);
    while (done?.type === 'approval_required') {
      const decisions = done.pending.map(({ call_id }) => ({ call_id, approve: true }));
      const next = await processes[1].decide(talk.userId, run.runId, decisions);
      const hungNow = ledger.hung(tag).then(() => processes[0].cancel(talk.userId, run.runId));
      done = await Promise.race([settle(next.result()), hungNow.then(() => settle(next.result()))]);
    }
    return run;
  };
  return { talk, go };
}

interface Asked {
  readonly plan: Parameters<Ledger['ask']>[1];
  readonly model: string;
  readonly chatId: string | null | undefined;
}

const settle = <Value>(work: Promise<Value>) => work.catch(() => undefined);

function groupBy(said: readonly Said[], keyOf: (one: Said) => string | null): Map<string | null, Said[]> {
  const groups = new Map<string | null, Said[]>();
  for (const one of said) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** What a report must say of these. */
function sumOf(said: readonly Said[]): Partial<UsageSums> {
  const sum = (what: (one: Said) => number) => said.reduce((all, one) => all + what(one), 0);
  const unknown = said.filter(({ model }) => model !== 'small').length;
  const priced = said.filter(({ model }) => model === 'small');
  const { input, cachedInput, output } = PRICES.small;
  const cost = priced.reduce(
    (all, one) => all + (one.input - one.cached) * input + one.cached * cachedInput + one.output * output,
    0,
  );
  return {
    requests: said.length,
    unpricedRequests: unknown,
    inputTokens: sum((one) => one.input),
    cachedInputTokens: sum((one) => one.cached),
    outputTokens: sum((one) => one.output),
    totalTokens: sum((one) => one.input + one.output),
    cost: priced.length === 0 && said.length > 0 ? null : (expect.closeTo(cost / 1e6, 9) as never),
  };
}

describe.each(DATABASES)('what models were used for ($name)', ({ open }) => {
  test('is what they said, by each key and page by page, whatever became of the runs', BIG, async () => {
    const db = await open();
    const asked = fc.record({ plan: aPlan, model: aModel, chat: fc.constantFrom(0, 1, 'none' as const) });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 5 }), async (all) => {
        const ledger = new Ledger();
        const { talk, go } = stage(db, ledger);
        const keys = new Map<string, { run: string; chat: string | null }>();
        await Promise.all(
          all.map(async ({ plan, model, chat }, index) => {
            // A chat has one run at a time.
            const chatId = chat === 'none' ? null : undefined;
            const { runId, chatId: at } = await go(`${index}`, { plan, model, chatId });
            keys.set(`${index}`, { run: runId, chat: at });
            if (chat === 1 && at !== null) await hardDeleteChat(db, at, talk.userId);
          }),
        );
        expect(ledger.said.length).toBeGreaterThan(0);
        const today = new Date().toISOString().slice(0, 10);
        const keyOf: Record<UsageKey, (one: Said) => string | null> = {
          day: () => today,
          model: ({ model }) => model,
          chat: ({ tag }) => keys.get(tag)?.chat ?? null,
          run: ({ tag }) => keys.get(tag)?.run ?? '',
        };
        for (const by of ['day', 'model', 'chat', 'run'] as const) {
          const expected = groupBy(ledger.said, keyOf[by]);
          const entries = [];
          for (let after: string | undefined; ; ) {
            const page = await getUsage(db, talk.userId, { by, limit: 2, after });
            entries.push(...page.entries);
            expect(page.totals).toMatchObject({ runs: all.length, ...sumOf(ledger.said) });
            after = page.next;
            if (after === undefined) break;
          }
          expect(new Set(entries.map(({ key }) => key))).toEqual(new Set(expected.keys()));
          expect(entries).toHaveLength(expected.size);
          for (const { key, ...sums } of entries) expect(sums).toMatchObject(sumOf(expected.get(key) ?? []));
        }
      }),
      { numRuns: 12 },
    );
  });
});
