import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentInputItem } from '@openai/agents-core';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { textOf } from '../support/agents.ts';
import { type Found, type FoundChat, type FoundRun, groupBy } from './history.ts';

/** Longer than a lease and the sweep after it. */
const IDLE_WITHIN_MS = 40_000;

/** The mark that a client gave an item: agents repeat none. */
export function markOf(item: AgentInputItem): string | undefined {
  return 'role' in item && item.role === 'user' ? /m[\d.]+$/.exec(textOf(item))?.[0] : undefined;
}

/** Waits until no run is running, on a server; what runs for ever is then found. */
export async function waitUntilIdle(url: string): Promise<void> {
  const db = await openDatabase(url);
  const until = performance.now() + IDLE_WITHIN_MS;
  const running = { text: `select 1 from runs where status = 'running'` };
  while ((await query(db, running)).length > 0 && performance.now() < until) await sleep(100);
  await db.close();
}

/** Reads all that a database holds, and which tools were executed. */
export async function readFound(url: string, executed: string): Promise<Found> {
  const db = await openDatabase(url);
  try {
    return {
      chats: await readChats(db),
      runs: await query<FoundRun>(db, {
        text: 'select run_id as "runId", user_id as "userId", chat_id as "chatId", status from runs',
      }),
      counts: await query(db, {
        text: `select user_id as "userId", sum(active)::float8 as active, sum(inactive)::float8 as inactive
          from chat_counts group by user_id`,
      }),
      executed: readFileSync(executed, 'utf8').split('\n').slice(0, -1),
    };
  } finally {
    await db.close();
  }
}

async function readChats(db: Database): Promise<FoundChat[]> {
  const chats = await query<Omit<FoundChat, 'items'>>(db, {
    text: `select chat_id as "chatId", user_id as "userId", title, is_active as "isActive",
        next_position::float8 as "nextPosition", active_run as "activeRun" from chats`,
  });
  const rows = await query<{ chatId: string; position: number; text: string; archived: boolean }>(db, {
    text: `select chat_id as "chatId", position::float8 as position, item::text as text, false as archived from chat_items
      union all
      select chat_id, position::float8, item::text, true from archived_items`,
  });
  const items = groupBy(rows, ({ chatId }) => chatId);
  return chats.map((chat) => ({
    ...chat,
    items: (items.get(chat.chatId) ?? []).map(({ text, ...row }) => ({
      ...row,
      mark: markOf(JSON.parse(text)),
    })),
  }));
}
