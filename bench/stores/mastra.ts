import { randomUUID } from 'node:crypto';
import type { Message } from '../turn.ts';
import { openPool, requirePeer, type Store } from './store.ts';

/** What is used of the packages, whose types are only there with them. */
interface Memory {
  createThread(thread: { threadId: string; resourceId: string; title: string }): Promise<unknown>;
  saveMessages(save: { messages: readonly object[] }): Promise<unknown>;
  recall(query: object): Promise<{ messages: readonly { id: string }[] }>;
  deleteMessages(ids: string[]): Promise<void>;
}

const RESOURCE = 'bench';

/** `@mastra/memory` on `@mastra/pg`, without vectors and working memory: it stores and recalls messages. */
export async function openMastra(url: string): Promise<Store> {
  const { PostgresStore } = requirePeer<{
    PostgresStore: new (options: object) => { init(): Promise<void> };
  }>('@mastra/pg');
  const { Memory } = requirePeer<{ Memory: new (options: object) => Memory }>('@mastra/memory');
  const pool = openPool(url);
  const storage = new PostgresStore({ id: 'bench', pool });
  await storage.init();
  const memory = new Memory({ storage });
  const newest = (chat: string, count: number | false) =>
    memory.recall({
      threadId: chat,
      resourceId: RESOURCE,
      perPage: count,
      ...(count === false ? {} : { orderBy: { field: 'createdAt', direction: 'DESC' } }),
    });
  const append = async (chat: string, messages: readonly Message[]) => {
    const now = Date.now();
    await memory.saveMessages({
      // One later than the other: messages of one millisecond come back in any order.
      messages: messages.map(({ role, text }, index) => ({
        id: randomUUID(),
        threadId: chat,
        resourceId: RESOURCE,
        role,
        createdAt: new Date(now + index),
        content: { format: 2, parts: [{ type: 'text', text }] },
      })),
    });
  };
  return {
    append,
    async seed(chat, messages) {
      await memory.createThread({ threadId: chat, resourceId: RESOURCE, title: 'bench' });
      for (let from = 0; from < messages.length; from += 1_000) {
        await append(chat, messages.slice(from, from + 1_000));
      }
    },
    load: async (chat) => (await newest(chat, false)).messages.length,
    last: async (chat, count) => (await newest(chat, count)).messages.length,
    async pop(chat) {
      const [last] = (await newest(chat, 1)).messages;
      if (last !== undefined) await memory.deleteMessages([last.id]);
      return last;
    },
    close: () => pool.end(),
  };
}
