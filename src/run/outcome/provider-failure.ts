import { type ErrorCode, QuestlogError } from '../../errors.ts';
import { type ErrorSignals, readSignals } from './error-signals.ts';
import { redact } from './redact.ts';

interface Kind {
  readonly code: ErrorCode;
  /** What a client is told: not a word of the provider's. */
  readonly sentence: string;
  /** A failure is of the first kind of which one of these fits. */
  readonly status?: RegExp;
  readonly names?: RegExp;
  readonly words?: RegExp;
}

/**
 * The words are those of OpenAI, Azure, Anthropic, Gemini, Bedrock, Groq, OpenRouter, DeepSeek, vLLM, llama.cpp and
 * Ollama, as their users report them. Codes and words come before statuses: one status stands for many things.
 */
const KINDS: readonly Kind[] = [
  {
    code: 'model_timeout',
    sentence: 'the model took too long to answer',
    status: /^408$/,
    names:
      /^(APIConnectionTimeoutError|ModelTimeoutError|TimeoutError|ETIMEDOUT|UND_ERR_(HEADERS|BODY)_TIMEOUT)$/m,
  },
  {
    code: 'model_quota_exceeded',
    sentence: "this server has used up what the model's provider grants it",
    status: /^402$/,
    names: /insufficient_?(user_)?(quota|balance|credits?)|billing_(hard_limit_reached|not_active)/i,
    // Gemini calls a limit by the minute a quota, and says when to come back.
    words:
      /exceeded your current quota(?![\s\S]*\b(retry|again) in \d)|credit balance is too low|insufficient (balance|credits?)/i,
  },
  {
    code: 'model_content_filtered',
    sentence: "the content filter of the model's provider refused this",
    names: /content_?(filter|policy_?violation)|ResponsibleAIPolicyViolation|PROHIBITED_CONTENT/i,
    words:
      /content management policy|violat\w+ (our|the) (usage|content) polic|input was flagged|blocked for reason: safety|due to safety/i,
  },
  {
    code: 'context_too_long',
    sentence: 'the conversation is longer than the model can read',
    status: /^413$/,
    names:
      /context_length_exceeded|exceed_context_size|(array|string)_above_max_length|context_?window_?exceeded|request_too_large/i,
    // Bedrock says “too many tokens, please wait” of a rate.
    words:
      /maximum context length|max(imum)? (model|sequence) len|context (length|window|size|limit)|(prompt|input|message|conversation|request)( length)? is too (long|large)|(prompt|input) too long|request too large for|input token count.*exceeds|input length (of \d+ )?exceeds|reduce the length of the (messages|prompt|input)|too many (input |prompt )?tokens(?!,? please wait)/i,
  },
  {
    code: 'model_rate_limited',
    sentence: "the model's provider takes no more requests for a while",
    status: /^429$/,
    names: /rate_?limit|RESOURCE_EXHAUSTED|throttling|TooManyRequests/i,
  },
  {
    // OpenAI looks for the ids of an input as for anything else.
    code: 'model_input_refused',
    sentence: "the model's provider does not take this input",
    names: /^previous_response_not_found$/m,
    words: /\b(item|response) with id\b.*not found/i,
  },
  {
    code: 'model_not_found',
    sentence: "the model's provider does not have the model that this server asks for",
    status: /^404$/,
    names: /model_not_found|DeploymentNotFound/i,
  },
  {
    code: 'model_unauthorized',
    sentence: "the model's provider does not accept the credentials of this server",
    status: /^40[13]$/,
    names: /invalid_api_key|^authentication_error$|^permission_error$/im,
  },
  {
    code: 'model_unavailable',
    sentence: "the model's provider cannot be reached, or cannot answer now",
    status: /^5/,
    names:
      /^(server_error|api_error|APIConnectionError|ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_(SOCKET|CONNECT_TIMEOUT))$|overloaded|service_unavailable|INTERNAL_SERVER_ERROR/im,
    words:
      /^(terminated|fetch failed|socket hang up|premature close|other side closed)$|currently overloaded/im,
  },
  {
    code: 'model_input_refused',
    sentence: "the model's provider does not take this input",
    status: /^4(00|22)$/,
    names:
      /^(invalid_request_error|BadRequestError|UnprocessableEntityError|invalid_prompt|invalid_image\w*)$/im,
  },
  {
    code: 'model_failed',
    sentence: "the model's provider failed, or sent what cannot be read",
    status: /./,
    names: /^(AI_)?API(Call)?Error$|^SyntaxError$/m,
  },
];

/** Of a provider that does not say how long, in seconds. */
const DEFAULT_RETRY_AFTER = 10;
const MAX_RETRY_AFTER = 86_400;

/**
 * What a client may read of a provider's failure; undefined for an error that is of no provider.
 *
 * @param secrets values that not even the log may hold.
 * @param now in milliseconds: a provider may say at what time to come back.
 */
export function toProviderFailure(
  error: unknown,
  secrets: readonly string[] = [],
  now: number = Date.now(),
): QuestlogError | undefined {
  const signals = readSignals(error);
  const kind = KINDS.find(
    ({ status, names, words }) =>
      status?.test(signals.status) || names?.test(signals.names) || words?.test(signals.words),
  );
  if (kind === undefined) return undefined;
  const retryAfter = toRetryAfter(kind.code, signals, now);
  return new QuestlogError(kind.code, kind.sentence, {
    cause: error,
    diagnosis: diagnose(error, secrets),
    ...(retryAfter === undefined ? {} : { details: { retry_after: retryAfter } }),
  });
}

/** In whole seconds. */
function toRetryAfter(code: ErrorCode, { header }: ErrorSignals, now: number): number | undefined {
  if (code !== 'model_rate_limited' && code !== 'model_unavailable') return undefined;
  const ms = header('retry-after-ms');
  const text = header('retry-after') ?? '';
  const named = ms !== undefined ? Number(ms) / 1_000 : toSeconds(text, now);
  if (Number.isFinite(named)) return Math.min(MAX_RETRY_AFTER, Math.max(1, Math.ceil(named)));
  return code === 'model_rate_limited' ? DEFAULT_RETRY_AFTER : undefined;
}

function toSeconds(text: string, now: number): number {
  return /^[\d.]+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1_000;
}

const DIAGNOSED = ['status', 'statusCode', 'code', 'message'] as const;

/** What the log says of an error and its causes. */
function diagnose(error: unknown, secrets: readonly string[], depth = 0): Record<string, unknown> {
  const said: Record<string, unknown> = { type: error instanceof Error ? error.name : typeof error };
  for (const name of DIAGNOSED) {
    const value: unknown = Reflect.get(Object(error), name);
    if (typeof value === 'string') said[name] = redact(value, secrets);
    if (typeof value === 'number') said[name] = value;
  }
  const cause: unknown = Reflect.get(Object(error), 'cause');
  return cause === undefined || depth === 2 ? said : { ...said, cause: diagnose(cause, secrets, depth + 1) };
}
