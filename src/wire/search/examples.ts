import { CHAT, PLACED_ITEM } from '../examples.ts';

/** Of `q=camp`. */
export const SEARCH_RESULTS = {
  items: [
    {
      chat_id: CHAT.chat_id,
      title: CHAT.title,
      position: PLACED_ITEM.position,
      role: 'user',
      created_at: PLACED_ITEM.created_at,
      rank: 0.0304,
      snippet: { text: PLACED_ITEM.item.content, highlights: [{ start: 19, end: 27 }] },
    },
  ],
  next_cursor: null,
  is_complete: true,
};
