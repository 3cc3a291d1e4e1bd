import { expect, test } from 'vitest';
import { type Config, readConfig, secretsOf } from '../../src/server/config.ts';
import { refusalOf } from '../support/config.ts';

test('an empty environment is the local server with the offline model', () => {
  expect(readConfig({})).toStrictEqual({
    host: '127.0.0.1',
    port: 8_000,
    basePath: '',
    logLevel: 'info',
    database: './data',
    schema: undefined,
    migrates: true,
    poolSize: 10,
    workers: 1,
    liveUrl: undefined,
    signIn: { kind: 'local' },
    model: {},
    titleModel: undefined,
    accepts: undefined,
    agents: undefined,
    corsOrigins: [],
    rateLimit: 600,
    bodyLimit: 10_000_000,
    maxItemBytes: 10_000_000,
    maxItems: 10_000,
    maxReplies: 100,
    runTimeoutMs: 600_000,
    maxTurns: 10,
    history: {},
    eventsMs: 86_400_000,
    searchStems: [],
    keep: {},
    usage: {},
    shutdownMs: 3_000,
    metrics: undefined,
    trustedProxies: 0,
  });
});

const NAMES = [
  ...[
    'HOST',
    'PORT',
    'LOG_LEVEL',
    'DATABASE_URL',
    'STACK_PROJECT_ID',
    'STACK_API_URL',
    'STACK_SECRET_SERVER_KEY',
    'STACK_PUBLISHABLE_CLIENT_KEY',
  ],
  ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL', 'OPENAI_API'],
  ...(
    'JWT_ISSUER JWT_AUDIENCE JWT_JWKS_URL JWT_USER_CLAIM BASE_PATH DATA_DIR SCHEMA MIGRATE POOL_SIZE CORS_ORIGINS RATE_LIMIT BODY_LIMIT ITEM_LIMIT ITEMS_LIMIT REPLIES_LIMIT RUN_TIMEOUT MAX_TURNS HISTORY_TURNS ' +
    'AGENTS MODEL_INPUTS TITLE_MODEL HISTORY_TOKENS HISTORY_TOO_LONG EVENTS_KEPT KEEP_INACTIVE KEEP_DELETED KEEP_ARCHIVED KEEP_RUNS KEEP_USAGE PRICES LIMIT_RUNS LIMIT_TOKENS LIMIT_COST SHUTDOWN TRUST_PROXY SEARCH_STEMS METRICS_PORT METRICS_HOST METRICS_TOKEN'
  )
    .split(' ')
    .map((name) => `QUESTLOG_${name}`),
];

test.each(['', '  ', '\n'])('variables that are %j count as not set', (value) => {
  expect(readConfig(Object.fromEntries(NAMES.map((name) => [name, value])))).toStrictEqual(readConfig({}));
});

test.each<[Record<string, string>, Partial<Config>]>([
  [{ HOST: ' localhost ' }, { host: 'localhost' }],
  [{ HOST: '[::1]' }, { host: '::1' }],
  [{ PORT: '0' }, { port: 0 }],
  [{ PORT: '65535' }, { port: 65_535 }],
  ...['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].map(
    (level): [Record<string, string>, Partial<Config>] => [{ LOG_LEVEL: level }, { logLevel: level }],
  ),
  [{ QUESTLOG_BASE_PATH: '/questlog' }, { basePath: '/questlog' }],
  [{ QUESTLOG_BASE_PATH: '/a/b-c_d~e.f' }, { basePath: '/a/b-c_d~e.f' }],
  [{ QUESTLOG_DATA_DIR: '/var/lib/questlog' }, { database: '/var/lib/questlog' }],
  [{ QUESTLOG_DATA_DIR: 'C:\\data' }, { database: 'C:\\data' }],
  [{ QUESTLOG_DATA_DIR: 'memory://' }, { database: 'memory://' }],
  [{ QUESTLOG_DATA_DIR: './x', DATABASE_URL: 'postgres://h/d' }, { database: 'postgres://h/d' }],
  [
    { DATABASE_URL: 'postgresql://u:p@h:5433/d?sslmode=require' },
    { database: 'postgres://u:p@h:5433/d?sslmode=require' },
  ],
  [{ DATABASE_URL: 'postgresql+asyncpg://u:p@h/d' }, { database: 'postgres://u:p@h/d' }],
  [{ DATABASE_URL: 'postgres+psycopg2://u@h/d' }, { database: 'postgres://u@h/d' }],
  [
    { DATABASE_URL: 'postgres:///d?host=/run/postgresql' },
    { database: 'postgres:///d?host=/run/postgresql' },
  ],
  [{ QUESTLOG_POOL_SIZE: '1' }, { poolSize: 1 }],
  [{ QUESTLOG_LIVE_URL: 'nats://u:p@h:4222' }, { liveUrl: 'nats://u:p@h:4222' }],
  [{ QUESTLOG_LIVE_URL: 'postgresql://h/d' }, { liveUrl: 'postgresql://h/d' }],
  [
    {
      OPENAI_API_KEY: 'sk-1',
      OPENAI_BASE_URL: 'http://[::1]:11434/v1',
      OPENAI_MODEL: 'm',
      OPENAI_API: 'responses',
    },
    { model: { apiKey: 'sk-1', baseUrl: 'http://[::1]:11434/v1', model: 'm', api: 'responses' } },
  ],
  [{ OPENAI_API: 'chat_completions' }, { model: { api: 'chat_completions' } }],
  [
    { QUESTLOG_CORS_ORIGINS: 'https://a.example, http://localhost:5173,,' },
    { corsOrigins: ['https://a.example', 'http://localhost:5173'] },
  ],
  [{ QUESTLOG_RATE_LIMIT: '1' }, { rateLimit: 1 }],
  [{ QUESTLOG_BODY_LIMIT: '1000' }, { bodyLimit: 1_000 }],
  [{ QUESTLOG_ITEM_LIMIT: '100000000' }, { maxItemBytes: 100_000_000 }],
  [{ QUESTLOG_RUN_TIMEOUT: '1' }, { runTimeoutMs: 1_000 }],
  [{ QUESTLOG_MAX_TURNS: '25' }, { maxTurns: 25 }],
  [{ QUESTLOG_MODEL_INPUTS: 'text, image' }, { accepts: { images: true, files: false } }],
  [{ QUESTLOG_MODEL_INPUTS: 'text' }, { accepts: { images: false, files: false } }],
  [
    { QUESTLOG_TITLE_MODEL: 'small', OPENAI_API_KEY: 'k' },
    { titleModel: 'small', model: { apiKey: 'k' } },
  ],
  [{ QUESTLOG_AGENTS: ' ./agents.ts ' }, { agents: './agents.ts' }],
  [{ QUESTLOG_HISTORY_TURNS: '20' }, { history: { turns: 20 } }],
  [{ QUESTLOG_HISTORY_TOKENS: '8000' }, { history: { tokens: 8_000 } }],
  [{ QUESTLOG_HISTORY_TOO_LONG: 'fail' }, { history: { whenTooLong: 'fail' } }],
  [{ QUESTLOG_EVENTS_KEPT: '60' }, { eventsMs: 60_000 }],
  [{ QUESTLOG_KEEP_INACTIVE: '90', QUESTLOG_KEEP_RUNS: '30' }, { keep: { inactiveDays: 90, runDays: 30 } }],
  [{ QUESTLOG_KEEP_USAGE: '400' }, { keep: { usageDays: 400 } }],
  [{ QUESTLOG_LIMIT_RUNS: '20', QUESTLOG_LIMIT_TOKENS: '0' }, { usage: { limits: { runs: 20, tokens: 0 } } }],
  [{ QUESTLOG_SHUTDOWN: '0' }, { shutdownMs: 0 }],
  [{ QUESTLOG_TRUST_PROXY: '2' }, { trustedProxies: 2 }],
  [{ UNKNOWN: 'x', QUESTLOG_UNKNOWN: ' ', STACK_NAME: 'x' }, {}],
  // A service beside the server that is called as it, in Kubernetes and Docker.
  [{ QUESTLOG_SERVICE_HOST: '10.0.0.1', QUESTLOG_SERVICE_PORT: '80', QUESTLOG_SERVICE_PORT_HTTP: '80' }, {}],
  [{ QUESTLOG_PORT: 'tcp://10.0.0.1:80', QUESTLOG_PORT_80_TCP_ADDR: '10.0.0.1' }, {}],
  [{ QUESTLOG_DB_SERVICE_HOST: '10.0.0.1', QUESTLOG_DB_PORT_5432_TCP: 'tcp://10.0.0.1:5432' }, {}],
])('%j is read as %j', (env, expected) => {
  expect(readConfig(env)).toEqual({ ...readConfig({}), ...expected });
});

test.each<[string, string[]]>([
  [
    'HOST',
    [
      '0.0.0.0',
      '::',
      '192.168.1.2',
      'example.com',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '[::]',
    ],
  ],
  ['PORT', ['-1', '65536', '80.5', '0x50', '1e3', 'http', '8000 8001', '99999999999999999999']],
  ['LOG_LEVEL', ['verbose', 'INFO', '30']],
  [
    'DATABASE_URL',
    ['mysql://h/d', 'h/d', './data', 'postgres:', 'postgres://', 'postgres://h:port/d', 'sqlite:///x'],
  ],
  ['QUESTLOG_DATA_DIR', ['postgres://h/d', 'https://x', 'mysql://h/d']],
  ['QUESTLOG_POOL_SIZE', ['0', '1001', 'many']],
  ['QUESTLOG_LIMIT_TOKENS', ['-1', '1.5', 'many']],
  ['QUESTLOG_KEEP_USAGE', ['0', '1.5']],
  ['QUESTLOG_LIVE_URL', ['redis://h', 'nats', 'postgres://', 'nats://h:port']],
  ['OPENAI_API_KEY', ['sk-\u00e9', 'two words']],
  ['OPENAI_BASE_URL', ['localhost:11434', 'ftp://h', 'http://', 'http://[', 'http://user:secret@h/v1']],
  ['OPENAI_API', ['completions', 'Responses']],
  [
    'QUESTLOG_CORS_ORIGINS',
    ['*', 'example.com', 'https://a.example/', 'https://a.example/path', 'null', 'https://a, b'],
  ],
  [
    'QUESTLOG_BASE_PATH',
    ['questlog', '/', '/questlog/', '//a', '/a//b', '/..', '/a/./b', '/:a', '/*', '/a?b', '/ä'],
  ],
  ['QUESTLOG_RATE_LIMIT', ['0', '-5', '1.5']],
  ['QUESTLOG_BODY_LIMIT', ['999', '10MB', '1000000001']],
  ['QUESTLOG_ITEM_LIMIT', ['999', '100000001']],
  ['QUESTLOG_ITEMS_LIMIT', ['0', '1e3', 'all']],
  ['QUESTLOG_REPLIES_LIMIT', ['0', '-1', 'all']],
  ['QUESTLOG_RUN_TIMEOUT', ['0', '86401', '10s']],
  ['QUESTLOG_MAX_TURNS', ['0', '-1', '2.5', 'none']],
  ['QUESTLOG_HISTORY_TURNS', ['0', '1.5', 'all']],
  ['QUESTLOG_HISTORY_TOKENS', ['0', '8k']],
  ['QUESTLOG_HISTORY_TOO_LONG', ['never']],
  ['QUESTLOG_EVENTS_KEPT', ['-1', '1d']],
  ['QUESTLOG_KEEP_DELETED', ['0', '1.5', '99999']],
  ['QUESTLOG_SHUTDOWN', ['-1', '3601']],
  ['QUESTLOG_TRUST_PROXY', ['true', 'false', '-1', '101', '10.0.0.1']],
])('a bad %s stops the start with its name', (name, values) => {
  for (const value of values) {
    const { fields, message } = refusalOf({ [name]: value });
    expect([...new Set(fields)], value).toEqual([name]);
    expect(message, value).toContain(`${name} `);
    expect(message, 'one line').not.toContain('\n');
  }
});

test('a variable of Questlog that there is not stops the start, with the name that it is near to', () => {
  for (const [name, nearest] of [
    ['QUESTLOG_JWT_ISUER', 'QUESTLOG_JWT_ISSUER'],
    ['QUESTLOG_SCHEME', 'QUESTLOG_SCHEMA'],
    ['QUESTLOG_DATADIR', 'QUESTLOG_DATA_DIR'],
  ] as const) {
    for (const env of [
      {},
      { DATABASE_URL: 'postgres://h/d', QUESTLOG_JWT_ISSUER: 'https://h', QUESTLOG_JWT_AUDIENCE: 'a' },
    ]) {
      const { message } = refusalOf({ ...env, [name]: 'https://issuer.example' });
      expect(message).toBe(`${name} is not known: did you mean ${nearest}?`);
    }
  }
  expect(refusalOf({ QUESTLOG_UNKNOWN: 'x' }).message).toBe('QUESTLOG_UNKNOWN is not known');
});

test('the secrets of a configuration are known, in each form in which they are sent', () => {
  const config = readConfig({
    OPENAI_API_KEY: 'key-1',
    STACK_PROJECT_ID: 'p',
    STACK_SECRET_SERVER_KEY: 'ssk-1',
    DATABASE_URL: 'postgres://reader:p%40ss%@h/d',
    QUESTLOG_LIVE_URL: 'nats://t0ken@h',
  });
  expect(new Set(secretsOf(config))).toEqual(new Set(['key-1', 'ssk-1', 'p%40ss%', 'p@ss%', 't0ken']));
  expect(secretsOf(readConfig({ DATABASE_URL: 'postgres://reader@h/d' }))).toEqual([]);
  expect(secretsOf(readConfig({}))).toEqual([]);
});

test('everything that is wrong is said at once, and no secret is repeated', () => {
  const secret = 'S3cr3t';
  const { fields, message } = refusalOf({
    HOST: '0.0.0.0',
    PORT: 'x',
    DATABASE_URL: `mysql://root:${secret}@h/d`,
    STACK_SECRET_SERVER_KEY: secret,
    OPENAI_API_KEY: `${secret} ${secret}`,
    OPENAI_BASE_URL: `https://user:${secret}@h`,
    QUESTLOG_DATA_DIR: `postgres://u:${secret}@h/d`,
    QUESTLOG_RATE_LIMIT: '0',
  });
  const expected = [
    'DATABASE_URL',
    'HOST',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'PORT',
    'QUESTLOG_DATA_DIR',
    'QUESTLOG_RATE_LIMIT',
  ];
  expect([...fields].sort()).toEqual([...expected, 'STACK_SECRET_SERVER_KEY']);
  expect(message).not.toContain(secret);
  for (const url of [`postgres://root:${secret}@h:port/d`, `postgres//root:${secret}@h/d`]) {
    expect(refusalOf({ DATABASE_URL: url }).message).not.toContain(secret);
  }
});
