import { FIRST_TOKENS, FOLLOW_UPS, RUNS, TAKEOVERS } from '../../channels.ts';
import type { ErrorCode } from '../../errors.ts';
import { codeOf, follow, receive, type Stop } from '../follow.ts';
import { Names } from '../names.ts';
import { LONG, type Maker, makeLevel, secondsSince, startAtZero } from './maker.ts';
import { collectModels } from './models.ts';

const MAX_AGENTS = 50;
/** Those that somebody is told of when they come for the first time. */
const FAILURES: readonly ErrorCode[] = [
  'model_unauthorized',
  'model_quota_exceeded',
  'model_rate_limited',
  'model_unavailable',
  'model_timeout',
  'model_failed',
  'run_failed',
  'run_interrupted',
];

export function collectRuns(maker: Maker): Stop[] {
  const { client, registers } = maker;
  const agents = new Names(MAX_AGENTS);
  const running = makeLevel(maker, 'questlog_runs_running', 'Runs that this process executes now');
  const started = new client.Counter({
    name: 'questlog_runs_started_total',
    help: 'Runs that began or went on in this process',
    labelNames: ['agent'],
    registers,
  });
  const ended = new client.Counter({
    name: 'questlog_runs_total',
    help: 'Runs that ended or paused in this process, by the state that they are in then',
    labelNames: ['agent', 'status'],
    registers,
  });
  const seconds = new client.Histogram({
    name: 'questlog_run_seconds',
    help: 'How long a run took until its end or pause',
    labelNames: ['agent'],
    buckets: LONG,
    registers,
  });
  const failures = new client.Counter({
    name: 'questlog_run_failures_total',
    help: 'Runs that did not end well, by the code of their error',
    labelNames: ['code'],
    registers,
  });
  startAtZero(failures, 'code', FAILURES);
  const firstToken = new client.Histogram({
    name: 'questlog_run_first_token_seconds',
    help: 'From the begin of a run to the first piece of what its model says',
    labelNames: ['agent'],
    buckets: LONG,
    registers,
  });
  const began = new WeakMap<object, number>();
  const followed = follow(
    RUNS,
    (run) => {
      running.value += 1;
      started.inc({ agent: agents.of(run.agent) });
      began.set(run, performance.now());
      return performance.now();
    },
    (run, from) => {
      const agent = agents.of(run.agent);
      const code = codeOf(run);
      running.value -= 1;
      ended.inc({ agent, status: run.status ?? 'failed' });
      seconds.observe({ agent }, secondsSince(from));
      if (code !== undefined) failures.inc({ code });
    },
  );
  const received = receive(FIRST_TOKENS, (message) => {
    const from = began.get(message);
    if ('runId' in message && from !== undefined)
      firstToken.observe({ agent: agents.of(message.agent) }, secondsSince(from));
  });
  return [followed, received, ...collectModels(maker), ...collectAfterRuns(maker)];
}

function collectAfterRuns({ client, registers }: Maker): Stop[] {
  const takeovers = new client.Counter({
    name: 'questlog_takeovers_total',
    help: 'Runs that this process ended for another, which is gone, or because their approvals will not come',
    labelNames: ['status'],
    registers,
  });
  startAtZero(takeovers, 'status', ['interrupted', 'cancelled']);
  const followUps = new client.Counter({
    name: 'questlog_follow_ups_total',
    help: 'What was done to chats after their runs: title, compaction',
    labelNames: ['name', 'outcome'],
    registers,
  });
  return [
    receive(TAKEOVERS, ({ status }) => takeovers.inc({ status })),
    follow(
      FOLLOW_UPS,
      () => undefined,
      ({ name, error }) => followUps.inc({ name, outcome: error === undefined ? 'done' : 'failed' }),
    ),
  ];
}
