import type { AgentInputItem } from '@openai/agents-core';
import type { Database } from '../../src/index.ts';

/** What a chat has in the archive, in the order it had. */
export async function archiveOf(db: Database, chatId: string): Promise<AgentInputItem[]> {
  const { rows } = await db.query({
    text: 'select item::text as item from archived_items where chat_id = $1 order by position',
    values: [chatId],
  });
  return rows.map(({ item }) => JSON.parse(String(item)));
}
