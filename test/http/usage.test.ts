import { expect } from 'vitest';
import { asUser, onEachDatabase } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

onEachDatabase(
  'what a user has used of models is told by day, model, chat and run, to nobody else',
  async ({ app, ask }) => {
    const day = new Date().toISOString().slice(0, 10);
    const none = {
      ...{ runs: 0, requests: 0, unpriced_requests: 0, input_tokens: 0, cached_input_tokens: 0 },
      ...{ output_tokens: 0, reasoning_tokens: 0, total_tokens: 0, cost: 0 },
    };
    const strangers = asUser(app, newUser());
    expect((await ask('GET', '/usage')).json()).toEqual({
      ...{ by: 'day', from: expect.any(String), to: day, items: [], totals: none, next_cursor: null },
    });
    const runs = [];
    for (let times = 0; times < 3; times += 1)
      runs.push((await ask('POST', '/chat/run', { input: 'Hello' })).json());
    const tokens = runs.reduce((sum, { usage }) => sum + usage.total_tokens, 0);
    const reply = (await ask('GET', `/usage?from=${day}&to=${day}`)).json();
    expect(reply).toMatchObject({
      items: [{ key: day, runs: 3, requests: 3, unpriced_requests: 3, total_tokens: tokens, cost: null }],
      totals: { runs: 3, total_tokens: tokens, cost: null },
    });
    expect((await ask('GET', '/usage?by=model')).json().items).toMatchObject([
      { key: 'offline', requests: 3 },
    ]);
    const ids = { run: runs.map(({ run_id }) => run_id), chat: runs.map(({ session_id }) => session_id) };
    for (const by of ['run', 'chat'] as const) {
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const at: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const page = (await ask('GET', `/usage?by=${by}&limit=2${at}`)).json();
        seen.push(...page.items.map(({ key }: { key: string }) => key));
        cursor = page.next_cursor;
      }
      expect(seen).toEqual(by === 'run' ? ids.run.toSorted().reverse() : ids.chat.toSorted());
    }
    const { next_cursor: foreign } = (await ask('GET', '/usage?by=run&limit=1')).json();
    for (const [query, field] of [
      ['by=agent', 'by'],
      ['from=yesterday', 'from'],
      ['from=2020-01-01', 'from'],
      ['limit=0', 'limit'],
      ['cursor=nonsense', 'cursor'],
      [`by=chat&cursor=${foreign}`, 'cursor'],
      ['since=2020-01-01', 'since'],
    ]) {
      const refused = await ask('GET', `/usage?${query}`);
      expect([query, refused.statusCode, refused.json().errors?.[0]?.field]).toEqual([query, 400, field]);
    }
    expect((await strangers('GET', '/usage')).json()).toMatchObject({ items: [], totals: none });
  },
);
