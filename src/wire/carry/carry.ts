import Type, { type Static } from 'typebox';
import * as examples from '../examples.ts';

/** Query of `GET /chats/{chat_id}/export`. */
export const ExportQuery = Type.Object(
  {
    format: Type.Optional(
      Type.Union([Type.Literal('jsonl'), Type.Literal('json'), Type.Literal('markdown')], {
        default: 'jsonl',
        description: 'JSON Lines and JSON can be imported again, Markdown is to be read',
      }),
    ),
  },
  { additionalProperties: false },
);
/** In which form a chat is exported. */
export type ExportFormat = NonNullable<Static<typeof ExportQuery>['format']>;

/** Reply of an export: JSON Lines. */
export const ExportLines = Type.String({
  title: 'ExportLines',
  description: 'A JSON object a line: `type` says what it is',
  examples: [examples.EXPORT_LINES],
});

/** Body of `POST /chats/import`, as JSON Lines. */
export const ImportLines = Type.String({
  title: 'ImportLines',
  description: 'What an export gave, or some of its chats after its first line',
  examples: [examples.EXPORT_LINES],
});

/** The same of one chat as JSON. */
export const ExportList = Type.Array(Type.Object({ type: Type.String() }, { additionalProperties: true }), {
  title: 'ExportList',
  description: 'The lines as a list',
  examples: [examples.EXPORT],
});

/** A chat to be read. */
export const ExportMarkdown = Type.String({ title: 'ExportMarkdown', examples: [examples.MARKDOWN] });

/** Query of `POST /chats/import`. */
export const ImportQuery = Type.Object(
  {
    dry_run: Type.Optional(
      Type.Boolean({ default: false, description: 'Say what would be imported, and change nothing' }),
    ),
  },
  { additionalProperties: false },
);

/** Body of `POST /chats/import`, as JSON: that of `conversations.json`. */
export const ConversationList = Type.Unsafe<Record<string, unknown>[]>(
  Type.Array(Type.Object({}, { additionalProperties: true }), {
    title: 'ConversationList',
    description: 'Conversations as ChatGPT’s export has them: each with its `id` and `mapping`',
    examples: [examples.CONVERSATION_LIST],
  }),
);

/** Reply of `POST /chats/import`. */
export const ImportReport = Type.Object(
  {
    imported: Type.Integer({ description: 'Chats that are there now; with `dry_run`: would be' }),
    items: Type.Integer({ description: 'Those of their histories and archives' }),
    already_there: Type.Integer({ description: 'Chats that were there before: they are as they were' }),
    skipped: Type.Array(Type.Object({ id: Type.Union([Type.String(), Type.Null()]), why: Type.String() }), {
      description: 'Chats that are not there: their ids in what was sent, and why. The first thousand',
    }),
    skipped_count: Type.Integer(),
    changed: Type.Array(Type.Object({ id: Type.String(), what: Type.String() }), {
      description: 'What is not as it was: other ids, titles cut, messages left out. The first thousand',
    }),
    changed_count: Type.Integer(),
    complete: Type.Boolean({ description: 'False: what was sent had been cut off' }),
    dry_run: Type.Boolean(),
  },
  { title: 'ImportReport', examples: [examples.IMPORT_REPORT] },
);
export type ImportReport = Static<typeof ImportReport>;
