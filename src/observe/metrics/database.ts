import { CONNECTION_WAITS, CONNECTIONS, STATEMENTS } from '../../channels.ts';
import type { ErrorCode } from '../../errors.ts';
import { codeOf, follow, type Stop } from '../follow.ts';
import { Names } from '../names.ts';
import { type Maker, makeLevel, SHORT, secondsSince, startAtZero } from './maker.ts';

const MAX_STATEMENTS = 100;
const CODES: ReadonlySet<ErrorCode> = new Set([
  'database_unavailable',
  'database_busy',
  'database_full',
  'database_failed',
  'database_closed',
  'outcome_unknown',
]);

export function collectDatabase(maker: Maker): Stop[] {
  const { client, registers } = maker;
  const statements = new Names(MAX_STATEMENTS);
  const seconds = new client.Histogram({
    name: 'questlog_statement_seconds',
    help: 'How long a statement or a whole transaction took, waiting included',
    labelNames: ['statement'],
    buckets: SHORT,
    registers,
  });
  const inFlight = makeLevel(
    maker,
    'questlog_statements_in_flight',
    'Statements and transactions under way, the waiting ones included',
  );
  const errors = new client.Counter({
    name: 'questlog_database_errors_total',
    help: 'Failures of the database, by their code',
    labelNames: ['code'],
    registers,
  });
  startAtZero(errors, 'code', [...CODES]);
  // A statement that fails its transaction is one failure.
  const counted = new WeakSet<object>();
  const followed = follow(
    STATEMENTS,
    () => {
      inFlight.value += 1;
      return performance.now();
    },
    (message, began) => {
      inFlight.value -= 1;
      seconds.observe({ statement: statements.of(message.name) }, secondsSince(began));
      const code = codeOf(message);
      const error = Object(message.error);
      if (code === undefined || !CODES.has(code) || counted.has(error)) return;
      counted.add(error);
      errors.inc({ code });
    },
  );
  return [followed, ...collectConnections(maker)];
}

function collectConnections(maker: Maker): Stop[] {
  const { client, registers } = maker;
  const levels = { waiting: 0, in_use: 0 };
  new client.Gauge({
    name: 'questlog_connections',
    help: 'Connections to PostgreSQL that are in use, and statements and transactions that wait for one',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, value] of Object.entries(levels)) this.set({ state }, value);
    },
  });
  const max = makeLevel(
    maker,
    'questlog_connections_max',
    'How many connections to PostgreSQL the pool may have',
  );
  const waited = new client.Histogram({
    name: 'questlog_connection_wait_seconds',
    help: 'How long a statement or transaction waited for a connection',
    buckets: SHORT,
    registers,
  });
  const waits = follow(
    CONNECTION_WAITS,
    (message) => {
      levels.waiting += 1;
      max.value = message.max;
      return performance.now();
    },
    (_message, began) => {
      levels.waiting -= 1;
      waited.observe(secondsSince(began));
    },
  );
  const uses = follow(
    CONNECTIONS,
    () => {
      levels.in_use += 1;
    },
    () => {
      levels.in_use -= 1;
    },
  );
  return [waits, uses];
}
