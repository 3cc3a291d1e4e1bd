import { invalidField } from '../errors.ts';

/** Where the tables are. */
export interface SchemaOptions {
  /**
   * The schema of the tables, which `migrate` makes: for a database in which an application has tables of the same names.
   * Up to 48 small letters, digits and `_`. Default: as the search path of the connection says, mostly `public`.
   */
  readonly schema?: string | undefined;
}

/** Without quotes, not of PostgreSQL itself, and short enough to be a part of a channel's name. */
export const SCHEMA = /^(?!pg_)[a-z_][a-z0-9_]{0,47}$/;
export const SCHEMA_RULE = 'must be up to 48 small letters, digits and _, and not begin with a digit or pg_';

/** @throws QuestlogError `invalid_request` for a name that is no `SCHEMA`. */
export function assertSchema(schema: unknown): void {
  if (schema === undefined || (typeof schema === 'string' && SCHEMA.test(schema))) return;
  throw invalidField('schema', SCHEMA_RULE);
}

/** As SQL: a word such as `user` needs the quotes. */
export function quoteSchema(schema: string): string {
  return `"${schema}"`;
}

/** What the processes on the tables of one schema share, such as a channel, and those of others do not. */
export function nameInSchema(name: string, schema: string | undefined): string {
  return schema === undefined ? name : `${name}_${schema}`;
}
