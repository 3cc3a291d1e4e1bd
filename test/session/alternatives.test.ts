import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atomically } from '../../src/driver/driver.ts';
import { newId } from '../../src/ids.ts';
import { compactChat, type Database, DatabaseSession } from '../../src/index.ts';
import { archiveItems } from '../../src/store/items/history.ts';
import { getItemPage, type PagedItem } from '../../src/store/items/item-page.ts';
import { type LockedChat, lockChat, moveNextPosition } from '../../src/store/items/locked-chat.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { userSays } from './items.ts';
import { type Shown, Tree } from './tree.ts';

const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('setAside' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('select' as const), point: fc.nat(5), other: fc.nat(5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pop' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('remove' as const), first: fc.nat(4), count: fc.nat(1) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('block' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('compact' as const), keep: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'replace' as const) }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** What stood before a point is popped, and what follows it is set aside. */
const POINT_LEFT: Step[] = [
  { do: 'append', count: 3 },
  { do: 'setAside', count: 1 },
  { do: 'pop', count: 1 },
  { do: 'append', count: 1 },
  { do: 'setAside', count: 1 },
];

/** A point stands between what a compaction replaces and what it keeps, with positions between them that nothing has. */
const POINT_BEFORE_KEPT: Step[] = [
  { do: 'append', count: 2 },
  { do: 'setAside', count: 1 },
  { do: 'append', count: 1 },
  { do: 'setAside', count: 1 },
  { do: 'append', count: 1 },
  { do: 'compact', keep: 1 },
];

describe.each(DATABASES)('the alternatives of a chat on $name', ({ open }) => {
  it('lose nothing, whatever is set aside, selected, popped, taken out, compacted and cleared', {
    timeout: 240_000,
  }, async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 24, size: 'max' }), async (steps) => {
        const chat = new Chat(db);
        for (const step of steps) {
          await chat.do(step);
          await chat.check();
        }
      }),
      { numRuns: 80, examples: [[POINT_LEFT], [POINT_BEFORE_KEPT]] },
    );
  });
});

/** A chat beside the tree of what should be in it. */
class Chat {
  readonly #db: Database;
  readonly #userId = newUser();
  readonly #chatId = newId();
  readonly #session: DatabaseSession;
  readonly #tree = new Tree();
  /** What is known of each item beside its text, for ever. */
  readonly #known = new Map<string, string>();
  #written = 0;

  constructor(db: Database) {
    this.#db = db;
    this.#session = new DatabaseSession(this.#chatId, db, { userId: this.#userId });
  }

  async do(step: Step): Promise<void> {
    const tree = this.#tree;
    switch (step.do) {
      case 'append': {
        const texts = Array.from({ length: step.count }, () => this.#next());
        tree.append(...texts);
        return this.#session.addItems(texts.map(userSays));
      }
      case 'setAside': {
        const from = tree.forModel.at(-step.count) ?? tree.forModel[0];
        if (from !== undefined) tree.setAside(from.text);
        return this.#session.setAside(step.count);
      }
      case 'select':
        return this.#select(step.point, step.other);
      case 'pop':
        for (let times = 0; times < step.count; times += 1) {
          const last = tree.forModel.at(-1);
          if (last !== undefined) tree.remove([last.text]);
          expect(await this.#session.popItem()).toEqual(last && userSays(last.text));
        }
        return;
      case 'remove':
        return this.#remove(step.first, step.count);
      case 'block':
        return this.#block();
      case 'compact':
        return this.#compact(step.keep);
      case 'clear':
        tree.clear();
        return this.#session.clearSession();
      case 'replace': {
        const text = this.#next();
        tree.clear();
        tree.append(text);
        return this.#session.replaceHistoryWithCompaction([userSays(text)]);
      }
    }
  }

  /** The history, its points and what is set aside at them are those of the tree. */
  async check(): Promise<void> {
    const { items, points } = await this.#page({ limit: 1_000 });
    expect(items.map(textOf)).toEqual(this.#tree.items.map(({ text }) => text));
    expect((await this.#session.getItems()).map((item) => 'content' in item && item.content)).toEqual(
      this.#tree.forModel.map(({ text }) => text),
    );
    for (const item of items) this.#checkKept(item);
    const placeOf = new Map<number | null, string>(items.map((item) => [item.position, textOf(item)]));
    const shown: Shown[] = [];
    for (const { position, ids, current } of points) {
      const others: string[][] = [];
      for (const id of ids.filter((other) => other !== current)) {
        const aside = await this.#page({ limit: 1_000, alternative: id });
        for (const item of aside.items) this.#checkKept(item);
        others.push(aside.items.map(textOf));
      }
      shown.push({ next: placeOf.get(position) ?? null, others: others.sort() });
    }
    expect(shown).toEqual(this.#tree.points);
    expect(await this.#byPage()).toEqual(points);
    const listed = await this.#session.listAlternatives();
    expect(
      listed.map(({ alternativeId, position, isCurrent }) => [alternativeId, position, isCurrent]),
    ).toEqual(
      points
        .flatMap(({ position, ids, current }) => ids.map((id) => [id, position, id === current]))
        .sort(([one], [other]) => Number(one) - Number(other)),
    );
  }

  async #select(point: number, other: number): Promise<void> {
    const { points } = this.#tree;
    const at = points[point % points.length];
    if (at === undefined) return;
    const chosen = other % at.others.length;
    const page = await this.#page({ limit: 1_000 });
    const found = page.points[point % points.length];
    for (const id of found?.ids ?? []) {
      const { items } = await this.#page({ limit: 1, after: -1, alternative: id });
      if (items[0] === undefined || textOf(items[0]) !== at.others[chosen]?.[0]) continue;
      this.#tree.select(point % points.length, chosen);
      return this.#session.selectAlternative(id);
    }
    throw new Error('no alternative begins with this item');
  }

  async #remove(first: number, count: number): Promise<void> {
    const { items } = await this.#page({ limit: 1_000 });
    const gone = items.slice(first, first + count + 1);
    const [from, to] = [gone[0]?.position, gone.at(-1)?.position];
    if (from === undefined || to === undefined) return;
    this.#tree.remove(gone.map(textOf));
    await atomically(this.#db, this.#userId, async (tx) => {
      const chat = (await lockChat(tx, this.#chatId, this.#userId)) as LockedChat;
      await archiveItems(tx, chat, { from, to });
      await moveNextPosition(tx, chat, 0);
    });
  }

  async #block(): Promise<void> {
    const last = this.#tree.items.at(-1);
    if (last === undefined) return;
    this.#tree.block(last.text);
    this.#known.delete(last.text);
    await this.#db.query({
      text: `update chat_items set is_blocked = true where user_id = $1 and chat_id = $2
        and position = (select max(position) from chat_items where user_id = $1 and chat_id = $2)`,
      values: [this.#userId, this.#chatId],
    });
  }

  async #compact(keepTurns: number): Promise<void> {
    const kept = this.#tree.forModel;
    if (this.#tree.items.length === 0) return;
    const text = this.#next();
    if (kept.length > keepTurns) this.#tree.compact(kept.at(-keepTurns)?.text ?? '', text);
    const compaction = { keepTurns, compact: async () => ({ items: [userSays(text)] }) };
    await compactChat(this.#db, this.#chatId, this.#userId, compaction, { force: true });
  }

  /** The points as pages of two items tell them. */
  async #byPage() {
    const points = [];
    for (let after = -1, hasMore = true; hasMore; ) {
      const page = await this.#page({ limit: 2, after });
      points.push(...page.points);
      hasMore = page.hasMore;
      after = page.items.at(-1)?.position ?? after;
    }
    return points;
  }

  #page(options: { limit: number; after?: number; alternative?: number }) {
    return getItemPage(this.#db, this.#chatId, this.#userId, options);
  }

  #checkKept(item: PagedItem): void {
    const { createdAt, runId, isBlocked } = item;
    const now = JSON.stringify({ createdAt, runId, isBlocked });
    const before = this.#known.get(textOf(item)) ?? now;
    expect(now).toBe(before);
    this.#known.set(textOf(item), now);
  }

  /** In the order in which they are written. */
  #next(): string {
    this.#written += 1;
    return String(this.#written).padStart(4, '0');
  }
}

function textOf({ text }: PagedItem): string {
  return JSON.parse(text ?? '{}').content;
}
