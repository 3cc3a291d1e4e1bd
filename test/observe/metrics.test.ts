import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createPostgresDatabase, newPGliteFolder } from '../support/databases.ts';
import { type Metric, metricOf, sumOf } from './exposition.ts';
import { doEachThing, startObservedServer } from './observed-server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

const OURS = 'questlog_';

const DATABASES = [
  ['PGlite', async () => ({ QUESTLOG_DATA_DIR: newPGliteFolder() })],
  ['PostgreSQL', async () => ({ DATABASE_URL: await createPostgresDatabase() })],
] as const;

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** Name, type and labels of each metric of the guide. */
function documented(): string[] {
  const rows = read('docs/metrics.md').matchAll(/^\| `(questlog_\w+)` \| (\w+) \|([^|]*)\| [^|]+ \|$/gm);
  return [...rows].map(([, name, type, labels = '']) =>
    [name, type, ...[...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)].join(' '),
  );
}

function scraped(metrics: ReadonlyMap<string, Metric>): string[] {
  return [...metrics]
    .filter(([name]) => name.startsWith(OURS))
    .map(([name, { type, labels }]) => [name, type, ...labels].join(' '));
}

/** The queries of the dashboard and of the alerts. */
function queries(): string[] {
  const dashboard = JSON.parse(read('ops/grafana/questlog.json')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
    readonly templating: { readonly list: readonly { readonly query?: string }[] };
  };
  const alerts = [...read('ops/prometheus/alerts.yaml').matchAll(/^ {8}expr: (.+)$/gm)].map(
    ([, expr = '']) => expr,
  );
  return [
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...alerts.map((expr) => expr.replace(/^'|'$/g, '')),
  ];
}

/** What Prometheus, or what scrapes, puts on each sample. */
const GIVEN_LABELS = new Set(['job', 'instance', 'le']);

/** The names and the labels of a query that no metric has. */
function unknownIn(query: string, metrics: ReadonlyMap<string, Metric>): string[] {
  const used = [...query.matchAll(/\b((?:questlog|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)];
  const labels = new Set(GIVEN_LABELS);
  const unknown = used.flatMap(([, name = '', selectors = '']) => {
    const metric = metrics.get(metricOf(name, metrics));
    if (metric === undefined || !metric.samples.some((sample) => sample.name === name)) return [name];
    for (const label of metric.labels) labels.add(label);
    return [...selectors.matchAll(/(\w+) *(?:=|!=|=~|!~) *"([^"]*)"/g)]
      .filter(([, label = '']) => !GIVEN_LABELS.has(label) && !metric.labels.has(label))
      .map(([, label]) => `${name}{${label}}`);
  });
  const grouped = [...query.matchAll(/\b(?:by|without|on) *\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
  return [...unknown, ...grouped.filter((label) => label !== '' && !labels.has(label))];
}

describe.each(DATABASES)('the metrics of a server on %s', (name, databaseOf) => {
  test(
    'are those of the guide, the dashboard and the alerts, each with its labels; no id is one',
    SLOW,
    async () => {
      const server = await startObservedServer(await databaseOf());
      await doEachThing(server);
      const metrics = await server.scrape();
      expect(scraped(metrics).sort()).toEqual(documented().sort());
      const helps = [...metrics].filter(([, { help }]) => help === '');
      expect(helps).toEqual([]);
      expect(queries().flatMap((query) => unknownIn(query, metrics))).toEqual([]);
      const others = [...metrics.keys()].filter((other) => !/^(questlog|process|nodejs)_/.test(other));
      expect(others).toEqual([]);
      assertBounded(metrics);
      assertCounts(metrics, name === 'PostgreSQL');
      expect(await server.program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
      await expect(fetch(server.metricsUrl)).rejects.toThrow('fetch failed');
    },
  );
});

function assertBounded(metrics: ReadonlyMap<string, Metric>): void {
  const values = [...metrics.values()].flatMap(({ samples }) =>
    samples.flatMap(({ labels }) => Object.values(labels)),
  );
  expect(values.filter((value) => /[0-9a-f]{8}-|not-there|wp-admin|local$|gate/.test(value))).toEqual([]);
  expect(sumOf(metrics, 'questlog_http_requests_total', { route: '/chats/:chat_id' })).toBe(2);
  expect(sumOf(metrics, 'questlog_http_requests_total', { route: 'none', status: '404' })).toBe(1);
}

function assertCounts(metrics: ReadonlyMap<string, Metric>, hasPool: boolean): void {
  const of = (metric: string, labels?: Record<string, string>) =>
    sumOf(metrics, `questlog_${metric}`, labels);
  const runs = (status: string) => of('runs_total', { agent: 'Keeper', status });
  expect([runs('completed'), runs('failed'), runs('awaiting_approval')]).toEqual([2, 2, 1]);
  expect([of('runs_started_total'), of('runs_running'), of('run_seconds_count')]).toEqual([5, 0, 5]);
  expect(of('run_failures_total', { code: 'run_failed' })).toBe(1);
  expect(of('run_failures_total', { code: 'model_unauthorized' })).toBe(1);
  expect(of('takeovers_total', { status: 'cancelled' })).toBe(1);
  expect(of('model_call_seconds_count', { model: 'strict-1', outcome: 'answered' })).toBe(5);
  expect(of('model_call_seconds_count', { model: 'strict-1', outcome: 'failed' })).toBe(1);
  expect(of('model_first_token_seconds_count')).toBe(5);
  expect(of('model_tokens_total', { direction: 'output' })).toBeGreaterThan(0);
  expect(of('tool_seconds_count', { tool: 'look', outcome: 'done' })).toBe(1);
  expect(of('tool_seconds_count', { tool: 'fall', outcome: 'failed' })).toBe(1);
  // A slow answer's first word comes after its first pause, and long before its last.
  expect(of('run_first_token_seconds_sum')).toBeLessThan(of('run_seconds_sum') - 1);
  expect([of('event_streams_total'), of('event_streams_open')]).toEqual([1, 0]);
  expect([of('sockets_total'), of('sockets_open')]).toEqual([1, 1]);
  expect(of('http_problems_total', { code: 'not_found' })).toBe(1);
  expect(of('database_errors_total')).toBe(0);
  expect(of('statements_in_flight')).toBe(0);
  expect(of('connections')).toBe(0);
  expect(of('connections_max')).toBe(hasPool ? 10 : 0);
  expect(of('connection_wait_seconds_count') > 0).toBe(hasPool);
}
