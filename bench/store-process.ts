/** One store in a process of its own, measured from the process that forked it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTESTANTS } from './stores/index.ts';
import type { Store } from './stores/store.ts';
import { conversation, turn } from './turn.ts';
import { serve } from './worker.ts';

export type Operation = 'append' | 'load' | 'last' | 'pop';

const LAST = 50;
let store: Store;
let turns = 0;

const operations: Record<Operation, (chat: string) => Promise<unknown>> = {
  append: (chat) => store.append(chat, turn(turns++)),
  load: (chat) => store.load(chat),
  last: async (chat) => store.last?.(chat, LAST),
  pop: async (chat) => store.pop?.(chat),
};

const methods = {
  async open(name: string, url: string): Promise<void> {
    const contestant = CONTESTANTS.find((candidate) => candidate.name === name);
    if (contestant === undefined) throw new Error(`there is no store ${name}`);
    store = await contestant.open(url);
  },

  async seed(chats: readonly string[], messages: number): Promise<void> {
    for (const chat of chats) {
      await store.seed(chat, conversation(messages));
      // Larger ones take Mastra a minute to read.
      if (messages > 1_000) continue;
      const stored = await store.load(chat);
      if (stored !== messages) throw new Error(`stored ${stored} of ${messages} messages`);
    }
  },

  /** Calls an operation on one chat after the other, until it was called so often or so long. @returns ms a call. */
  async sample(
    operation: Operation,
    chats: readonly string[],
    calls: number,
    budgetMs: number,
  ): Promise<number[]> {
    const times: number[] = [];
    const end = performance.now() + budgetMs;
    for (let call = 0; call < calls && (call === 0 || performance.now() < end); call++) {
      const chat = chats[call % chats.length] as string;
      const began = performance.now();
      await operations[operation](chat);
      times.push(performance.now() - began);
    }
    return times;
  },

  /**
   * Appends with so many writers at once for a while, of which the first `leadMs` do not count: caches are cold.
   *
   * @returns turns, how long, and the processor time of this process.
   */
  async write(writers: number, chats: readonly string[], leadMs: number, durationMs: number) {
    const end = performance.now() + leadMs + durationMs;
    let written = 0;
    const writer = async (number: number) => {
      for (let next = number; performance.now() < end; next += writers) {
        await store.append(chats[next % chats.length] as string, turn(next));
        written += 1;
      }
    };
    const all = Array.from({ length: writers }, (_, number) => writer(number));
    await sleep(leadMs);
    const [before, began, cpu] = [written, performance.now(), process.cpuUsage()];
    await Promise.all(all);
    const { user, system } = process.cpuUsage(cpu);
    const turns = written - before;
    return { turns, ms: performance.now() - began, cpuUs: (user + system) / Math.max(1, turns) };
  },

  close: () => store.close(),
};

export type StoreMethods = typeof methods;

serve(methods);
