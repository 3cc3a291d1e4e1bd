import type { FastifySchemaCompiler, FastifyTypeProvider } from 'fastify';
import Type, { type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import { type FieldProblem, QuestlogError } from '../errors.ts';
import { assertId, assertText } from '../ids.ts';

/** Gives handlers the TypeScript types of their schemas. */
export interface TypeBoxProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

/** So many wrong fields are named; a hostile body gets no larger answer. */
const MAX_PROBLEMS = 50;

/**
 * Checks each part of a request against its TypeBox schema. Text from the path and the query is read as the number or
 * boolean that the schema asks for; a body must have the right types as it is.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  return (value) => {
    const input: unknown = httpPart === 'body' ? value : fromText(schema, value ?? {});
    try {
      if (!check.Check(input)) {
        throw toError(
          withManyErrors(() => check.Errors(input)),
          httpPart,
        );
      }
      assertStorable(httpPart, input);
      return { value: input };
    } catch (error) {
      return { error: error as QuestlogError };
    }
  };
};

/** What a URL can say and no database can store. All text that stands in a path is an id. */
function assertStorable(httpPart: string | undefined, input: unknown): void {
  if (httpPart !== 'params' && httpPart !== 'querystring') return;
  for (const [name, text] of Object.entries(Object(input)).flatMap(([name, value]) =>
    [value].flat().map((text) => [name, text] as const),
  )) {
    if (typeof text !== 'string') continue;
    if (httpPart === 'params') assertId(name, text);
    else assertText(name, text);
  }
}

/** `5` and `true` as what they say; nothing laxer, so that `1.5`, `0x10` and `TRUE` are mistakes. */
function fromText(schema: TSchema, fields: object): unknown {
  const properties = Type.IsObject(schema) ? schema.properties : {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, readText(properties[name], text)]),
  );
}

function readText(schema: TSchema | undefined, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (Type.IsInteger(schema) && /^-?\d+$/.test(text)) return Number(text);
  if (Type.IsBoolean(schema) && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

/** TypeBox stops at 8 errors, by a setting of the process: raised for this one call only. */
function withManyErrors<Result>(work: () => Result): Result {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MAX_PROBLEMS * 4 });
  try {
    return work();
  } finally {
    Settings.Set({ maxErrors });
  }
}

function toError(found: readonly TLocalizedValidationError[], httpPart: string | undefined): QuestlogError {
  const problems = new Map<string, string>();
  for (const { field, message } of found.filter((error) => !isBeside(error, found)).flatMap(describe)) {
    const known = problems.get(field);
    problems.set(field, known === undefined || known === message ? message : `${known} or ${message}`);
  }
  const errors: FieldProblem[] = [...problems].slice(0, MAX_PROBLEMS).map(([field, message]) => ({
    field: field === '' ? (httpPart ?? 'request') : field,
    message,
  }));
  const text = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new QuestlogError('invalid_request', text, { errors });
}

/** "must be null", where another choice of the union fits but for something inside it. */
function isBeside(error: TLocalizedValidationError, found: readonly TLocalizedValidationError[]): boolean {
  if (error.keyword !== 'type') return false;
  return found.some(({ instancePath }) => instancePath.startsWith(`${error.instancePath}/`));
}

/** The summaries of a union (`anyOf`) and of `additionalProperties` only repeat what other errors say. */
function describe(error: TLocalizedValidationError): FieldProblem[] {
  const field = toField(error.instancePath);
  switch (error.keyword) {
    case 'anyOf':
    case 'additionalProperties':
      return [];
    case 'boolean':
      return [{ field, message: 'is not a known field' }];
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        field: field === '' ? name : `${field}.${name}`,
        message: 'is required',
      }));
    case 'const':
      return [{ field, message: `must be ${JSON.stringify(error.params.allowedValue)}` }];
    default:
      return [{ field, message: error.message }];
  }
}

/** A JSON pointer (RFC 6901) as people write it: `/conversation/0/role` → `conversation[0].role`. */
function toField(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => {
      if (/^\d+$/.test(part)) return `${path}[${part}]`;
      return path === '' ? part : `${path}.${part}`;
    }, '');
}
