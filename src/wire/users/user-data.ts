import Type, { type Static } from 'typebox';

const InactiveDays = Type.Union([Type.Integer({ minimum: 1, maximum: 36_525 }), Type.Null()], {
  description: 'A chat without activity for so many days is removed for good. Null: as the server has it',
});

/** How long what a user has is kept: reply and body of `/user/retention`. */
export const UserRetention = Type.Object(
  { inactive_days: InactiveDays },
  { title: 'UserRetention', additionalProperties: false, examples: [{ inactive_days: 90 }] },
);
export type UserRetention = Static<typeof UserRetention>;

/** Reply of `GET /user/data`. */
export const UserDataLines = Type.String({
  title: 'UserDataLines',
  examples: ['{"table":"user_retention","row":{"user_id":"user_123","inactive_days":90}}\n'],
});

/** Reply of `DELETE /user/data`. */
export const ErasureResponse = Type.Object(
  {
    removed: Type.Array(Type.Object({ table: Type.String(), rows: Type.Integer() }), {
      description: 'How many rows of which tables',
    }),
  },
  { title: 'ErasureResponse', examples: [{ removed: [{ table: 'chats', rows: 3 }] }] },
);
export type ErasureResponse = Static<typeof ErasureResponse>;

/** Body of `PUT /chats/{chat_id}/expiry`. */
export const ChatExpiry = Type.Object(
  {
    expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When the chat is to be gone. Null: it stays',
    }),
  },
  {
    title: 'ChatExpiry',
    additionalProperties: false,
    examples: [{ expires_at: '2027-01-01T00:00:00.000Z' }],
  },
);
export type ChatExpiry = Static<typeof ChatExpiry>;
