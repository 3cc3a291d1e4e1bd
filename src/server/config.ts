import querystring from 'node:querystring';
import { splitHosts } from '../driver/postgres/pool.ts';
import { SCHEMA, SCHEMA_RULE } from '../driver/schema.ts';
import { isLoopback } from '../http/auth/local.ts';
import type { ModelConfig } from '../models/model.ts';
import type { HistoryWindow } from '../run/model-input/window.ts';
import { isStems } from '../search/search-settings.ts';
import type { StemLanguage } from '../store/search/stems.ts';
import { MAX_DAYS, type Retention } from '../store/users/retention.ts';
import type { Accepts } from '../wire/agents.ts';
import { type Env, EnvReader, optional } from './env-reader.ts';
import { type MetricsSettings, readMetricsSettings } from './observe/settings.ts';
import { readSignIn, type SignIn } from './sign-in.ts';
import { readUsage, type UsageConfig } from './usage-config.ts';
import { readWorkers } from './workers/settings.ts';

/** Everything that the server's environment decides. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** What stands before each path: nothing, or such as `/questlog`. */
  readonly basePath: string;
  readonly logLevel: string;
  /** For `openDatabase`: a `postgres://` URL, or the folder of the embedded database. */
  readonly database: string;
  /** The schema of the tables, where it is not left to the search path. */
  readonly schema: string | undefined;
  /** Whether the server applies migrations when it starts. */
  readonly migrates: boolean;
  readonly poolSize: number;
  /** Processes that share the port; of 1, this process serves itself. */
  readonly workers: number;
  /** How processes tell each other what changed, if not through `database`. */
  readonly liveUrl: string | undefined;
  readonly signIn: SignIn;
  readonly model: ModelConfig;
  /** The model that writes titles, of the same provider; undefined: none does. */
  readonly titleModel: string | undefined;
  /** What the model takes beside text; undefined: not said. */
  readonly accepts: Accepts | undefined;
  /** The module that exports the agents; undefined: the example is served. */
  readonly agents: string | undefined;
  /** Origins whose pages may call the server from a browser. */
  readonly corsOrigins: readonly string[];
  /** Requests a minute of one user, and of one address where there is none. */
  readonly rateLimit: number;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly maxItemBytes: number;
  readonly maxItems: number;
  /** Open at once, of one user. */
  readonly maxReplies: number;
  readonly runTimeoutMs: number;
  /** Calls of the model in a run. */
  readonly maxTurns: number;
  /** How much of the history a model gets. */
  readonly history: HistoryWindow;
  /** How long the events of an ended run can be read. */
  readonly eventsMs: number;
  /** What models cost, and what each user may use in a day. */
  readonly usage: UsageConfig;
  /** The languages whose words search reduces to a stem. */
  readonly searchStems: readonly StemLanguage[];
  /** What is removed when it is old. */
  readonly keep: Retention;
  /** How long a stopping server lets runs finish. */
  readonly shutdownMs: number;
  /** Whether metrics are served, and where. */
  readonly metrics: MetricsSettings | undefined;
  /** How many proxies are in front of the server, each of which adds to `X-Forwarded-For`. */
  readonly trustedProxies: number;
}

/** No `:` and no `*`, which mean something in a route. */
const BASE_PATH = /^(\/[\w.~-]*[\w~-][\w.~-]*)+$/;
const BASE_PATH_RULE = 'must be a path such as /questlog, without a slash at its end';
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * Reads the configuration from the environment, once. An empty variable counts as not set.
 *
 * @throws QuestlogError `invalid_configuration` naming every variable that is wrong. Secrets are not repeated.
 */
export function readConfig(env: Env): Config {
  const reader = new EnvReader(env);
  const { text, number, oneOf, url } = reader;
  const signIn = readSignIn(reader);
  const database = databaseOf(reader);
  const config: Config = {
    host: hostOf(reader, signIn),
    port: number('PORT', 8_000, 0, 65_535),
    basePath: reader.matching('QUESTLOG_BASE_PATH', BASE_PATH, BASE_PATH_RULE) ?? '',
    logLevel: oneOf('LOG_LEVEL', LOG_LEVELS) ?? 'info',
    database,
    schema: reader.matching('QUESTLOG_SCHEMA', SCHEMA, SCHEMA_RULE),
    migrates: oneOf('QUESTLOG_MIGRATE', ['on', 'off'] as const) !== 'off',
    poolSize: number('QUESTLOG_POOL_SIZE', 10, 1, 1_000),
    workers: readWorkers(reader, !database.startsWith('postgres://')),
    liveUrl: liveUrlOf(reader),
    signIn,
    model: {
      ...optional('apiKey', reader.headerText('OPENAI_API_KEY')),
      ...optional('baseUrl', url('OPENAI_BASE_URL')),
      ...optional('model', text('OPENAI_MODEL')),
      ...optional('api', oneOf('OPENAI_API', ['responses', 'chat_completions'] as const)),
    },
    titleModel: titleModelOf(reader),
    accepts: acceptsOf(reader),
    agents: text('QUESTLOG_AGENTS'),
    corsOrigins: originsOf(reader),
    rateLimit: number('QUESTLOG_RATE_LIMIT', 600, 1, 1_000_000),
    bodyLimit: number('QUESTLOG_BODY_LIMIT', 10_000_000, 1_000, 1_000_000_000),
    maxItemBytes: number('QUESTLOG_ITEM_LIMIT', 10_000_000, 1_000, 100_000_000),
    maxItems: number('QUESTLOG_ITEMS_LIMIT', 10_000, 1, 10_000_000),
    maxReplies: number('QUESTLOG_REPLIES_LIMIT', 100, 1, 1_000_000),
    runTimeoutMs: number('QUESTLOG_RUN_TIMEOUT', 600, 1, 86_400) * 1_000,
    maxTurns: number('QUESTLOG_MAX_TURNS', 10, 1, 1_000_000),
    history: {
      ...optional('turns', reader.optionalNumber('QUESTLOG_HISTORY_TURNS', 1, 1_000_000)),
      ...optional('tokens', reader.optionalNumber('QUESTLOG_HISTORY_TOKENS', 1, 100_000_000)),
      ...optional('whenTooLong', oneOf('QUESTLOG_HISTORY_TOO_LONG', ['halve', 'fail'] as const)),
    },
    eventsMs: number('QUESTLOG_EVENTS_KEPT', 86_400, 0, 31_536_000) * 1_000,
    searchStems: stemsOf(reader),
    keep: {
      ...optional('inactiveDays', daysOf(reader, 'QUESTLOG_KEEP_INACTIVE')),
      ...optional('deletedDays', daysOf(reader, 'QUESTLOG_KEEP_DELETED')),
      ...optional('archivedDays', daysOf(reader, 'QUESTLOG_KEEP_ARCHIVED')),
      ...optional('runDays', daysOf(reader, 'QUESTLOG_KEEP_RUNS')),
      ...optional('usageDays', daysOf(reader, 'QUESTLOG_KEEP_USAGE')),
    },
    usage: readUsage(reader),
    shutdownMs: number('QUESTLOG_SHUTDOWN', 3, 0, 3_600) * 1_000,
    metrics: readMetricsSettings(reader),
    trustedProxies: number(
      'QUESTLOG_TRUST_PROXY',
      0,
      0,
      100,
      'the number of proxies in front of the server,',
    ),
  };
  reader.refuseUnknown('QUESTLOG_');
  reader.finish();
  return config;
}

/** The values of the configuration that no log may hold, in each form in which they are sent. */
export function secretsOf({ model, signIn, database, liveUrl, metrics }: Config): string[] {
  const urls = [database, liveUrl ?? '']
    .flatMap(splitHosts)
    .filter((url) => URL.canParse(url))
    .map((url) => new URL(url));
  const passwords = urls.map(({ protocol, username, password }) =>
    // A name without a password is a token to NATS.
    protocol === 'postgres:' ? password : password || username,
  );
  const secrets = [
    model.apiKey,
    metrics?.token,
    signIn.kind === 'stack' ? signIn.secretServerKey : undefined,
    ...passwords,
    ...passwords.map(querystring.unescape),
  ];
  return secrets.filter((secret) => secret !== undefined).filter(Boolean);
}

/** Brackets around an IPv6 address are for URLs. */
function hostOf(reader: EnvReader, signIn: SignIn): string {
  const host = (reader.text('HOST') ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1');
  if (signIn.kind === 'local' && !isLoopback(host)) {
    const without = 'without STACK_PROJECT_ID or QUESTLOG_JWT_ISSUER only a loopback address is served';
    reader.problem('HOST', `is ${host}, but ${without}`);
  }
  return host;
}

function databaseOf(reader: EnvReader): string {
  const given = reader.text('DATABASE_URL');
  const folder = reader.matching('QUESTLOG_DATA_DIR', /^(memory:\/\/|(?!.*:\/\/).*)$/, 'must be a folder');
  if (given === undefined) return folder ?? './data';
  // Python's names for the driver are common in an environment that was written for the seed.
  const url = given.replace(/^postgres(ql)?(\+\w+)?:\/\//, 'postgres://');
  if (!/^postgres:\/\/./.test(url)) reader.problem('DATABASE_URL', 'must begin with postgres://');
  else if (!splitHosts(url).every((one) => URL.canParse(one)))
    reader.problem('DATABASE_URL', 'is not a valid URL');
  return url;
}

function liveUrlOf(reader: EnvReader): string | undefined {
  const url = reader.text('QUESTLOG_LIVE_URL');
  if (
    url !== undefined &&
    !(/^(postgres(ql)?|nats|tls):\/\/./.test(url) && splitHosts(url).every((one) => URL.canParse(one)))
  ) {
    reader.problem('QUESTLOG_LIVE_URL', 'must be a postgres:// or nats:// URL');
  }
  return url;
}

function daysOf(reader: EnvReader, name: string): number | undefined {
  return reader.optionalNumber(name, 1, MAX_DAYS, 'a whole number of days');
}

function titleModelOf(reader: EnvReader): string | undefined {
  const name = reader.text('QUESTLOG_TITLE_MODEL');
  if (name !== undefined && !reader.text('OPENAI_API_KEY') && !reader.text('OPENAI_BASE_URL'))
    reader.problem(
      'QUESTLOG_TITLE_MODEL',
      'needs OPENAI_API_KEY or OPENAI_BASE_URL: the offline model writes no titles',
    );
  return name;
}

const INPUTS = ['text', 'image', 'file'];

function acceptsOf(reader: EnvReader): Accepts | undefined {
  const inputs = reader.list('QUESTLOG_MODEL_INPUTS');
  if (inputs.length === 0) return undefined;
  for (const input of inputs) {
    if (!INPUTS.includes(input))
      reader.problem('QUESTLOG_MODEL_INPUTS', `has ${input}, which is none of ${INPUTS.join(', ')}`);
  }
  return { images: inputs.includes('image'), files: inputs.includes('file') };
}

function stemsOf(reader: EnvReader): StemLanguage[] {
  const languages = reader.list('QUESTLOG_SEARCH_STEMS');
  const message = isStems(languages);
  if (message !== undefined) reader.problem('QUESTLOG_SEARCH_STEMS', message);
  return languages as StemLanguage[];
}

function originsOf(reader: EnvReader): string[] {
  const origins = reader.list('QUESTLOG_CORS_ORIGINS');
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      reader.problem(
        'QUESTLOG_CORS_ORIGINS',
        `has ${origin}, which is not an origin such as https://example.com`,
      );
    }
  }
  return origins;
}
