import Type from 'typebox';

/** `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): per user, kept for a day. */
export const headersWithKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The same key with the same body joins the run that it began; with another body: 422',
    }),
  ),
});
