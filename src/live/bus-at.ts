import { assertSchema, type SchemaOptions } from '../driver/schema.ts';
import { QuestlogError } from '../errors.ts';
import type { OpenBus } from './bus.ts';

/**
 * The bus behind a URL: `postgres://…` for LISTEN and NOTIFY, on a connection of its own that must not lead through a
 * transaction pooler; `nats://…` (or `tls://…`) for NATS. Loads the client that the URL needs, and no other.
 *
 * @param options of the database whose changes it carries: where two Questlogs share one, each with a `schema`, neither
 * hears the other.
 */
export function busAt(url: string, { schema }: SchemaOptions = {}): OpenBus {
  assertSchema(schema);
  return async (listener) => {
    if (/^postgres(ql)?:/i.test(url)) {
      const { openPostgresBus } = await import('./postgres-bus.ts');
      return openPostgresBus(url, listener, schema);
    }
    if (/^(nats|tls):/i.test(url)) {
      const { openNatsBus } = await import('./nats-bus.ts');
      return openNatsBus(url, listener, schema);
    }
    throw new QuestlogError('invalid_configuration', 'live updates need a postgres:// or nats:// URL');
  };
}
