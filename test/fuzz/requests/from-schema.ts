import fc from 'fast-check';
import { oddItem, oddText } from '../../session/odd-values.ts';
import type { ApiDocument } from '../../support/openapi.ts';

/** The parts of JSON Schema that the document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: JsonSchema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

const known = (kind: string) => fc.nat(9).map((pick) => `{{${kind}:${pick}}}`);
/** Now and then of another user. */
const knownOrTheirs = (kind: string) =>
  fc.oneof({ weight: 9, arbitrary: known(kind) }, { weight: 1, arbitrary: known(`theirs.${kind}`) });
const keys = fc.constantFrom('key-1', 'key-2');

/** Makes the offline model call a tool that waits for an approval. */
export const WAITS = 'Delete the note 01a204f6-f497-7515-8397-5804c4283d60';

/** What the offline model answers with words, with dice, a handoff, notes, or a call that waits. */
const saying = fc.constantFrom(
  'Hello',
  'Roll 2d6',
  'Create a character',
  'Remember that the king is a mimic',
  'Show my notes',
  WAITS,
  WAITS,
);

/** Fields that stand for something that exists, or that the agent understands: by their names. */
const MEANINGS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  chat_id: knownOrTheirs('chat_id'),
  session_id: fc.oneof({ weight: 6, arbitrary: knownOrTheirs('chat_id') }, { weight: 1, arbitrary: oddText }),
  run_id: fc.oneof(knownOrTheirs('run_id'), known('waiting_run')),
  call_id: knownOrTheirs('call_id'),
  cursor: knownOrTheirs('next_cursor'),
  since: known('cursor'),
  'if-match': known('etag'),
  'if-none-match': known('etag'),
  'last-event-id': fc.nat(12).map(String),
  'idempotency-key': keys,
  input: saying,
  alternative_id: known('alternative_id'),
};

/** Histories as the SDK makes them. */
const message = fc.oneof(
  saying.map((content) => ({ role: 'user', content })),
  oddText.map((content) => ({
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text: content }],
  })),
  saying.map((text) => ({
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text }],
  })),
  fc.nat(3).map((n) => ({
    type: 'function_call',
    callId: `call_${n}`,
    name: 'roll_dice',
    status: 'completed',
    arguments: '{"notation":"d20"}',
  })),
  fc.nat(3).map((n) => ({
    type: 'function_call_result',
    callId: `call_${n}`,
    name: 'roll_dice',
    status: 'completed',
    output: { type: 'text', text: '20' },
  })),
);
const anyObject = fc.oneof({ weight: 3, arbitrary: message }, { weight: 1, arbitrary: oddItem });

/** Values that conform to a schema of the document. */
export class FromSchema {
  readonly #schemas: object;

  constructor(document: ApiDocument) {
    this.#schemas = document.json.components.schemas;
  }

  /** @param name of the field: some stand for more than their schema says. */
  value(schema: JsonSchema, name = ''): fc.Arbitrary<unknown> {
    const meaning = MEANINGS[name];
    const plain = this.#plain(schema);
    if (meaning === undefined) return plain;
    return fc.oneof({ weight: 4, arbitrary: meaning }, { weight: 1, arbitrary: plain });
  }

  #plain(schema: JsonSchema): fc.Arbitrary<unknown> {
    if (schema.$ref !== undefined) return this.#plain(this.#named(schema.$ref));
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((choice) => this.#plain(choice)));
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    if ('const' in schema) return fc.constant(schema.const);
    switch (schema.type) {
      case 'object':
        return this.#object(schema);
      case 'array':
        return this.#array(schema);
      case 'string':
        return text(schema);
      case 'integer':
        return integer(schema);
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      default:
        return fc.jsonValue();
    }
  }

  #array({ items = {}, minItems = 0, maxItems = 5 }: JsonSchema): fc.Arbitrary<unknown> {
    const item = this.#plain(items);
    return fc.oneof(
      fc.tuple(item),
      fc.array(item, { minLength: minItems, maxLength: Math.min(maxItems, 5) }),
    );
  }

  #object({ properties = {}, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<unknown> {
    if (additionalProperties === true) return anyObject;
    const fields: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, this.value(schema, name)]),
    );
    return fc.record(fields, { requiredKeys: [...required], noNullPrototype: true });
  }

  #named($ref: string): JsonSchema {
    return Reflect.get(this.#schemas, $ref.replace('#/components/schemas/', ''));
  }
}

const days = fc.constantFrom('2026-11-30', '2026-12-01', '2026-12-02');

function text({ format, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: format === 'date' ? 20 : 0, arbitrary: days },
    { weight: 3, arbitrary: saying.map((words) => words.slice(0, maxLength)) },
    { weight: 1, arbitrary: oddText.map((odd) => odd.slice(0, maxLength).padEnd(minLength, 'x')) },
    { weight: 1, arbitrary: fc.constantFrom('x'.repeat(minLength), 'ä'.repeat(Math.min(maxLength, 500))) },
  );
}

function integer({ minimum = -1_000, maximum = 1_000 }: JsonSchema): fc.Arbitrary<number> {
  const most = Math.min(maximum, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: minimum, max: Math.min(most, minimum + 20) }) },
    { weight: 1, arbitrary: fc.constantFrom(minimum, most) },
  );
}
