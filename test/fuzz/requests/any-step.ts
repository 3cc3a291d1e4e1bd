import fc from 'fast-check';
import type { ApiDocument, DocumentedRoute, Operation } from '../../support/openapi.ts';
import { FromSchema, type JsonSchema } from './from-schema.ts';
import { damage, damaged, oddName, oddValue } from './odd-json.ts';
import { type Header, ODD_BODIES, ODD_HEADERS, oddNumber, oddPart, UPGRADE } from './odd-requests.ts';
import { type RawDamage, rawDamage } from './raw-damage.ts';

/** A request in words: what it is about is filled in when it is sent (`Known.fill`). */
export interface Step {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: { readonly text: string; readonly encoding: 'utf8' | 'latin1' | 'utf16le' } | undefined;
  readonly as: 'user' | 'nobody' | 'forger';
  readonly leavesAfter: number | undefined;
  readonly raw: RawDamage | undefined;
}

type Query = readonly (readonly [name: string, value: string])[];

/** Any request to the documented routes: most as they should be, the others with one thing wrong, or more. */
export function anyStep(document: ApiDocument): fc.Arbitrary<Step> {
  const schemas = new FromSchema(document);
  const steps = document.routes.map((route) => stepTo(route, schemas));
  return fc.oneof(...steps.map((arbitrary) => ({ weight: 3, arbitrary })), {
    weight: 1,
    arbitrary: elsewhere(steps),
  });
}

/** With another method, or on a path that has one part more. */
function elsewhere(steps: readonly fc.Arbitrary<Step>[]): fc.Arbitrary<Step> {
  const method = fc.constantFrom(
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
  );
  const part = fc.constantFrom('', '/', '/x', '//', '/%00', '/../chats', '?', '#x', '/items');
  return fc.tuple(fc.oneof(...steps), method, part).map(([step, other, more]) => ({
    ...step,
    method: other,
    target: step.target.replace(/(\?|$)/, `${more}$1`),
  }));
}

function stepTo({ method, path, operation }: DocumentedRoute, schemas: FromSchema): fc.Arbitrary<Step> {
  const upgrade = path.endsWith('/live') ? UPGRADE : [];
  return fc
    .record({
      path: pathOf(path, operation, schemas),
      query: queryOf(operation, schemas),
      headers: headersOf(operation, schemas),
      body: bodyOf(operation, schemas),
      as: oftenElse<Step['as']>(30, 'user', fc.constantFrom('nobody', 'forger')),
      leavesAfter: oftenElse<number | undefined>(30, undefined, fc.nat(20)),
      raw: oftenElse<RawDamage | undefined>(15, undefined, rawDamage),
      upgrades: fc.boolean(),
    })
    .map(({ path: place, query, headers, body, upgrades, ...rest }) => ({
      ...rest,
      method,
      target: place + toQuery(query),
      body,
      headers: [
        ...(body === undefined ? [] : [['content-type', 'application/json'] as const]),
        ...(upgrades ? upgrade : []),
        ...headers,
      ],
    }));
}

function pathOf(path: string, operation: Operation, schemas: FromSchema): fc.Arbitrary<string> {
  const parts = path.split('/').map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return fc.constant(part);
    const { schema = {} } = operation.parameters?.find((parameter) => parameter.name === name) ?? {};
    const value = schemas.value(schema as JsonSchema, name).map((id) => encoded(String(id)));
    return fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: oddPart });
  });
  return fc.tuple(...parts).map((all) => all.join('/'));
}

/** Placeholders stay readable. */
function encoded(text: string): string {
  return /^\{\{.*\}\}$/.test(text) ? text : encodeURIComponent(text.toWellFormed());
}

function toQuery(query: Query): string {
  if (query.length === 0) return '';
  return `?${query.map(([name, value]) => `${name}=${value}`).join('&')}`;
}

function queryOf({ parameters = [] }: Operation, schemas: FromSchema): fc.Arbitrary<Query> {
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const fields = inQuery.map(({ name, schema }) => [
    name,
    oftenElse(
      9,
      schemas.value(schema as JsonSchema, name).map((value) => encoded(String(value))),
      fc.oneof(oddPart, oddNumber.map(encoded)),
    ),
  ]);
  const requiredKeys = inQuery.filter(({ required }) => required).map(({ name }) => name);
  const valid = fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<string>>, {
    requiredKeys,
  });
  const names = fc.oneof(fc.constantFrom('x', ...inQuery.map(({ name }) => name)), oddName.map(encoded));
  const more = fc.array(fc.tuple(names, oddPart), { minLength: 1, maxLength: 2 });
  return fc
    .tuple(valid, oftenElse<Query>(12, [], more))
    .map(([fields, others]) => [...Object.entries(fields as Record<string, string>), ...others]);
}

function headersOf({ parameters = [] }: Operation, schemas: FromSchema): fc.Arbitrary<readonly Header[]> {
  const fields = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name, schema }) => [name, schemas.value(schema as JsonSchema, name).map(toHeaderValue)]);
  const valid = fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<string>>, {
    requiredKeys: [],
  });
  const odd = fc.array(fc.constantFrom(...ODD_HEADERS), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(valid, oftenElse<readonly Header[]>(8, [], odd))
    .map(([fields, others]) => [...Object.entries(fields as Record<string, string>), ...others]);
}

/** What Node lets into a header. */
function toHeaderValue(value: unknown): string {
  return String(value).replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
}

function bodyOf({ requestBody }: Operation, schemas: FromSchema): fc.Arbitrary<Step['body']> {
  if (requestBody === undefined) {
    return oftenElse<Step['body']>(15, undefined, fc.constantFrom(...ODD_BODIES).map(asBody));
  }
  const [content] = Object.values(requestBody.content);
  const valid = schemas.value((content?.schema ?? {}) as JsonSchema);
  const text = fc.oneof(
    { weight: 12, arbitrary: valid.map(toJson) },
    { weight: 6, arbitrary: fc.tuple(valid, damage).map(([value, one]) => toJson(damaged(value, one))) },
    { weight: 1, arbitrary: oddValue.map(toJson) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_BODIES) },
  );
  const encoding = oftenElse<'utf8' | 'latin1' | 'utf16le'>(30, 'utf8', fc.constantFrom('latin1', 'utf16le'));
  return oftenElse<Step['body']>(20, fc.record({ text, encoding }), fc.constant(undefined));
}

function asBody(text: string): Step['body'] {
  return { text, encoding: 'utf8' };
}

function toJson(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

/** The one, so many times as often as the other. */
function oftenElse<Value>(
  weight: number,
  usual: Value | fc.Arbitrary<Value>,
  other: fc.Arbitrary<Value>,
): fc.Arbitrary<Value> {
  const arbitrary = usual instanceof fc.Arbitrary ? usual : fc.constant(usual);
  return fc.oneof({ weight, arbitrary }, { weight: 1, arbitrary: other });
}
