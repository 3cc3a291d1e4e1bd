/** What an error is known by, whoever's class it is: its own form, its causes' and that of the reply it carries. */
export interface ErrorSignals {
  /** The HTTP status that the provider answered with, as text; empty when there is none. */
  readonly status: string;
  /** Codes, types and class names, one a line. */
  readonly names: string;
  /** What others said, one a line: to be matched, never to be passed on. */
  readonly words: string;
  /** The value of a header of the provider's reply. */
  header(name: string): string | undefined;
}

type Layer = Readonly<Record<string, unknown>>;

/** Where clients keep what they were answered: OpenAI's, the Vercel AI SDK, axios, the AWS SDK. */
const INSIDE = [
  'error',
  'cause',
  'innererror',
  'lastError',
  'data',
  'responseBody',
  'body',
  'response',
  '$metadata',
] as const;
const NAMES = ['code', 'type', 'name', 'status', 'reason'] as const;
const STATUSES = ['status', 'statusCode', 'httpStatusCode', 'code'] as const;

/** Reads what is known of a thrown value. */
export function readSignals(error: unknown): ErrorSignals {
  const layers = toLayers(error, new Set());
  return {
    status: layers.flatMap((layer) => STATUSES.map((name) => toStatus(layer[name]))).find(Boolean) ?? '',
    names: layers.flatMap(toNames).join('\n'),
    words: layers.flatMap(({ message }) => (typeof message === 'string' ? [message] : [])).join('\n'),
    header: (name) => layers.map(({ headers }) => readHeader(headers, name)).find(Boolean),
  };
}

/** The value and what is inside it, from the outside in; a text that is no JSON counts as what was said. */
function toLayers(value: unknown, seen: Set<unknown>): Layer[] {
  const layer = typeof value === 'string' ? parseBody(value) : value;
  if (!isRecord(layer) || seen.has(layer)) return [];
  seen.add(layer);
  return [layer, ...INSIDE.flatMap((name) => toLayers(layer[name], seen))];
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}

/** A reply in the middle of a stream has its status as its code, some as text. */
function toStatus(value: unknown): string {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return /^[45]\d\d$/.test(text) ? text : '';
}

function toNames(layer: Layer): string[] {
  const own = NAMES.map((name) => layer[name]).filter((value) => typeof value === 'string');
  return [...own, ...(layer instanceof Error ? classNamesOf(layer) : [])];
}

function classNamesOf(error: object): string[] {
  const type: object | null = Object.getPrototypeOf(error);
  if (type === null || type === Error.prototype) return [];
  return [type.constructor.name, ...classNamesOf(type)];
}

function readHeader(headers: unknown, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  if (!isRecord(headers)) return undefined;
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function isRecord(value: unknown): value is Layer {
  return typeof value === 'object' && value !== null;
}
