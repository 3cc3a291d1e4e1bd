import type { ErrorCode } from '../../src/errors.ts';

/** A reply of a provider that fails. */
export interface Said {
  readonly status: number;
  /** The body of the reply: JSON as an object, a page as text. */
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Row = readonly [who: string, code: ErrorCode, status: number, message: string, fields?: object];

/** As their users report them: what they say, and the codes and types beside it. */
const ROWS: readonly Row[] = [
  [
    'OpenAI: too many requests',
    'model_rate_limited',
    429,
    'Rate limit reached for gpt-4o in organization org-A on tokens per min (TPM): Limit 30000, Used 29937, Requested 385. Please try again in 644ms.',
    { type: 'tokens', code: 'rate_limit_exceeded' },
  ],
  [
    'OpenAI: a request above the limit of a minute, which no waiting helps',
    'context_too_long',
    429,
    'Request too large for gpt-4o in organization org-A on tokens per min (TPM): Limit 30000, Requested 30601.',
    { type: 'tokens', code: 'rate_limit_exceeded' },
  ],
  [
    'OpenAI: no money',
    'model_quota_exceeded',
    429,
    'You exceeded your current quota, please check your plan and billing details.',
    { type: 'insufficient_quota', code: 'insufficient_quota' },
  ],
  [
    'a copy of OpenAI: no money',
    'model_quota_exceeded',
    429,
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  [
    'OpenAI: a wrong key',
    'model_unauthorized',
    401,
    'Incorrect API key provided: sk-…',
    { type: 'invalid_request_error', code: 'invalid_api_key' },
  ],
  [
    'OpenAI: a country',
    'model_unauthorized',
    403,
    'Country not supported',
    { type: 'request_forbidden', code: 'unsupported_country_region_territory' },
  ],
  [
    'OpenAI: no such model',
    'model_not_found',
    404,
    'The model `x` does not exist',
    { type: 'invalid_request_error', code: 'model_not_found' },
  ],
  [
    'OpenAI: a model that the project may not use',
    'model_not_found',
    403,
    'Project `p` does not have access to model `x`',
    { code: 'model_not_found' },
  ],
  ['OpenAI: an item of another project', 'model_input_refused', 404, "Item with id 'rs_1' not found."],
  [
    'OpenAI: too long',
    'context_too_long',
    400,
    'Your input exceeds the context window of this model.',
    { type: 'invalid_request_error', code: 'context_length_exceeded' },
  ],
  [
    'OpenAI: a picture that is none',
    'model_input_refused',
    400,
    'The image data you provided does not represent a valid image.',
    { type: 'invalid_request_error', code: 'invalid_image' },
  ],
  [
    'OpenAI: a forbidden prompt',
    'model_content_filtered',
    400,
    'Invalid prompt: your prompt was flagged as potentially violating our usage policy.',
    { type: 'invalid_request_error', code: 'invalid_prompt' },
  ],
  [
    'OpenAI: an error of its own',
    'model_unavailable',
    500,
    'The server had an error',
    { type: 'server_error' },
  ],
  [
    'Azure: its filter',
    'model_content_filtered',
    400,
    'The response was filtered.',
    { code: '400', innererror: { code: 'ResponsibleAIPolicyViolation' } },
  ],
  [
    'Azure: its filter, in words alone',
    'model_content_filtered',
    400,
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
  ],
  [
    'Anthropic: too long',
    'context_too_long',
    400,
    'prompt is too long: 208310 tokens > 200000 maximum',
    { type: 'invalid_request_error' },
  ],
  [
    'Anthropic: too long with its answer',
    'context_too_long',
    400,
    'input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000',
    { type: 'invalid_request_error' },
  ],
  [
    'Anthropic: no money',
    'model_quota_exceeded',
    400,
    'Your credit balance is too low to access the API.',
    { type: 'invalid_request_error' },
  ],
  [
    'Anthropic: too many tokens a minute',
    'model_rate_limited',
    429,
    'would exceed the rate limit. Please reduce the prompt length or try again later.',
    { type: 'rate_limit_error' },
  ],
  ['Anthropic: overloaded', 'model_unavailable', 529, 'Overloaded', { type: 'overloaded_error' }],
  [
    'Gemini: too long',
    'context_too_long',
    400,
    'The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).',
    { code: 400, status: 'INVALID_ARGUMENT' },
  ],
  [
    'Gemini: a quota by the minute',
    'model_rate_limited',
    429,
    'You exceeded your current quota, please check your plan.\nPlease retry in 34.07s.',
    { code: 429, status: 'RESOURCE_EXHAUSTED' },
  ],
  ['Bedrock: too long', 'context_too_long', 400, 'Input is too long for requested model.'],
  ['Bedrock: too fast', 'model_rate_limited', 429, 'Too many tokens, please wait before trying again.'],
  ['Groq: too long', 'context_too_long', 400, 'Please reduce the length of the messages or completion.'],
  ['DeepSeek: no money', 'model_quota_exceeded', 402, 'Insufficient Balance'],
  [
    'OpenRouter: its moderation',
    'model_content_filtered',
    403,
    'x requires moderation. Your input was flagged',
  ],
  [
    'vLLM: too long',
    'context_too_long',
    400,
    "This model's maximum context length is 32768 tokens. However, you requested 41648 tokens",
    { type: 'BadRequestError', code: 400 },
  ],
  [
    'llama.cpp: too long',
    'context_too_long',
    500,
    'the request exceeds the available context size. try increasing the context size',
    { type: 'exceed_context_size_error', code: 500 },
  ],
  [
    'Ollama: no such model',
    'model_not_found',
    404,
    'model "x" not found, try pulling it first',
    { type: 'api_error' },
  ],
];

const PAGES: readonly (readonly [who: string, code: ErrorCode, status: number, page: string])[] = [
  ['a proxy: too large', 'context_too_long', 413, '<h1>413 Request Entity Too Large</h1>'],
  ['a proxy: nobody there', 'model_unavailable', 502, '<html>Bad Gateway</html>'],
  ['a proxy: too slow', 'model_unavailable', 504, ''],
  ['anybody: too late', 'model_timeout', 408, ''],
  ['anybody: what nobody expects', 'model_failed', 418, ''],
];

/** What providers answer, and what Questlog calls it. */
export const REPLIES: readonly (readonly [string, ErrorCode, Said])[] = [
  ...ROWS.map(
    ([who, code, status, message, fields]) =>
      [who, code, { status, body: { error: { message, ...fields } } }] as const,
  ),
  ...PAGES.map(([who, code, status, body]) => [who, code, { status, body }] as const),
];
