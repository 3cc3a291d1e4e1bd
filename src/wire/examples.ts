/** What the documentation shows: one chat, seen from every route. */

const CHAT_ID = '01a204f6-f497-7515-8397-5804c4283d60';
const RUN_ID = '01a204f6-f55b-7164-a6a2-eaef7c200190';

export const CONVERSATION = [
  { role: 'user', content: 'Help me plan a D&D campaign' },
  { role: 'assistant', content: "I'd be happy to help!" },
];

export const NEW_CHAT = { title: 'My AI Assistant Chat', conversation: CONVERSATION };

export const CHAT_SUMMARY = {
  chat_id: CHAT_ID,
  user_id: 'user_123',
  title: 'My AI Assistant Chat',
  is_active: true,
  created_at: '2026-11-22T19:44:00.000Z',
  updated_at: '2026-11-22T19:45:12.345Z',
  is_pinned: true,
  is_archived: false,
  tags: ['campaign'],
  metadata: { project: 'citadel' },
  forked_from: null,
  expires_at: null,
};

export const CHAT = { ...CHAT_SUMMARY, conversation: CONVERSATION };

export const CHAT_LIST = { chats: [CHAT_SUMMARY], total: 1, skip: 0, limit: 100, next_cursor: null };

export const PLACED_ITEM = {
  position: 0,
  run_id: RUN_ID,
  blocked: false,
  created_at: '2026-11-22T19:44:00.000Z',
  feedback: null,
  item: { type: 'message', role: 'user', content: 'Help me plan a D&D campaign' },
};

export const ITEM_RANGE = { from: 2, to: 3 };

export const POINT = { position: 0, ids: [0, 2], current: 0, begin_alike: false };

export const ITEM_PAGE = {
  title: 'My AI Assistant Chat',
  version: '1763840640000000',
  tags: ['campaign'],
  forked_from: null,
  expires_at: null,
  items: [PLACED_ITEM],
  has_more: false,
  points: [POINT],
};

const CREATED_AT = PLACED_ITEM.created_at;

export const ALTERNATIVE_LIST = {
  alternatives: [
    { alternative_id: 0, position: 0, current: true, items: null, created_at: CREATED_AT },
    { alternative_id: 2, position: 0, current: false, items: 2, created_at: CREATED_AT },
  ],
  has_more: false,
};

export const FEEDBACK = { rating: 'down', comment: 'The dragon was asleep' };

export const CONVERSATION_LIST = [
  {
    id: '6a0f3c1e-7d52-4c0b-9d7e-3b1f4f0a2c11',
    title: 'Help me plan a D&D campaign',
    create_time: 1763840640,
    update_time: 1763840712.5,
    current_node: 'answer',
    mapping: {
      question: {
        parent: null,
        children: ['answer'],
        message: {
          author: { role: 'user' },
          content: { content_type: 'text', parts: ['Help me plan a D&D campaign'] },
        },
      },
      answer: {
        parent: 'question',
        children: [],
        message: {
          author: { role: 'assistant' },
          content: { content_type: 'text', parts: ["I'd be happy to help!"] },
        },
      },
    },
  },
];

export const EXPORT = [
  { type: 'export', format: 'questlog', version: 1 },
  {
    type: 'chat',
    chat_id: CHAT_ID,
    created_at: '2026-11-22T19:44:00.000000Z',
    is_active: true,
    next_position: 1,
    title: null,
    updated_at: '2026-11-22T19:45:12.345678Z',
  },
  {
    type: 'item',
    position: 0,
    created_at: '2026-11-22T19:44:00.000000Z',
    run_id: RUN_ID,
    blocked: false,
    feedback: null,
    item: { type: 'message', role: 'user', content: 'Help me plan a D&D campaign' },
  },
  { type: 'chat_end', items: 1, archived_items: 0, alternatives: 0 },
  { type: 'end', chats: 1, left_out: 0 },
];

export const EXPORT_LINES = `${EXPORT.map((line) => JSON.stringify(line)).join('\n')}\n`;

export const MARKDOWN = '# My AI Assistant Chat\n\n## User\n\nHelp me plan a D&D campaign\n';

export const IMPORT_REPORT = {
  imported: 12,
  items: 340,
  already_there: 2,
  skipped: [],
  skipped_count: 0,
  changed: [{ id: '6a0f3c1e-7d52-4c0b-9d7e-3b1f4f0a2c11', what: '1 custom instructions left out' }],
  changed_count: 1,
  complete: true,
  dry_run: false,
};

export const REQUEST = {
  input: 'Help me plan a D&D campaign',
  session_id: CHAT_ID,
  context: { locale: 'en' },
};

const OUTCOME = {
  final_output: "I'd be happy to help!",
  refusal: null,
  usage: { requests: 1, input_tokens: 187, output_tokens: 68, total_tokens: 255 },
  response_id: 'resp_68af4030592c81938ec0a5fbab4a3e9f',
  incomplete: null,
  omitted_turns: 0,
  session_id: CHAT_ID,
  run_id: RUN_ID,
};

export const RESPONSE = { ...OUTCOME, success: true, error: null, pending: [] };

export const RUN = {
  run_id: RUN_ID,
  chat_id: CHAT_ID,
  agent: 'Dungeon Master',
  status: 'completed',
  started_at: '2026-11-22T19:44:00.000Z',
  ended_at: '2026-11-22T19:44:02.500Z',
  usage: OUTCOME.usage,
  final_output: OUTCOME.final_output,
  refusal: OUTCOME.refusal,
  response_id: OUTCOME.response_id,
  incomplete: null,
  omitted_turns: 0,
  error: null,
  pending: [],
  last_event: 35,
};

export const RUN_LIST = { runs: [RUN], usage: OUTCOME.usage };

export const DECISIONS = { decisions: [{ call_id: 'call_1', approve: false, reason: 'Keep it' }] };

export const INFO = {
  name: 'Dungeon Master',
  instructions: 'You are the Dungeon Master of a Dungeons & Dragons game.',
  model: { name: 'gpt-5.6-luna', offline: false },
  accepts: { images: true, files: true },
  tools: [{ name: 'roll_dice', description: 'Rolls dice.' }],
  handoffs: [{ name: 'Character Creator', description: 'Creates characters.' }],
  endpoints: { run: '/chat/run', stream: '/chat/stream', info: '/chat/info' },
  session: { enabled: true, storage: 'postgresql' },
};

export const AGENT_LIST = {
  agents: [
    {
      name: 'Dungeon Master',
      path: '/agents/dungeon-master',
      title: 'Dungeon Master',
      description: 'Dice, notes and a story',
      suggestions: ['Roll 4d6kh3 for my strength'],
      model: { name: 'gpt-5.6-luna', offline: false },
      accepts: { images: true, files: true },
    },
  ],
};

export const EVENTS = [
  { type: 'raw_response', kind: 'text_delta', delta: "I'd be happy " },
  {
    type: 'run_item',
    name: 'tool_called',
    agent: 'Dungeon Master',
    item: { type: 'function_call', callId: 'call_1', name: 'roll_dice', arguments: '{"notation":"d20"}' },
  },
  { type: 'agent_updated', agent: 'Character Creator' },
  { type: 'stream_complete', ...OUTCOME },
];

export const PROBLEM = {
  title: 'Bad Request',
  status: 400,
  code: 'invalid_request',
  detail: 'titel is not a known field',
  errors: [{ field: 'titel', message: 'is not a known field' }],
};

export const SIGNALS = [
  { type: 'chat_changed', chat_id: CHAT_ID, version: '1763840640000000' },
  {
    type: 'items_appended',
    chat_id: CHAT_ID,
    version: '1763840640000000',
    first: 2,
    last: 3,
  },
  {
    type: 'run_progressed',
    chat_id: CHAT_ID,
    run_id: RUN_ID,
    last_event: 17,
  },
];
