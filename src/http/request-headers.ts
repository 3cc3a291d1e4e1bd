import Type from 'typebox';

/** `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): per user, kept for a day. */
export const idempotencyKey = {
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The same key with the same body joins the run that it began; with another body: 422',
    }),
  ),
};

/** `Last-Event-ID` (WHATWG HTML, 9.2). */
export const lastEventId = {
  'last-event-id': Type.Optional(
    Type.String({ description: 'The number of the newest event that the client has' }),
  ),
};
