import { mustBeDatabase } from '../database/database.ts';
import { assertId } from '../ids.ts';
import {
  type Check,
  type Checks,
  checkOptions,
  has,
  isAmount,
  isAnything,
  isFunction,
  optional,
} from '../options.ts';
import { checkCompaction } from '../session/compaction.ts';
import { assertSameSdk } from './assert-same-sdk.ts';
import { checkTitles } from './lifecycle/write-title.ts';
import { checkWindow } from './model-input/window.ts';
import type { RunsOptions } from './runs-options.ts';
import type { ChatAgent, RunOptions, RunRequest } from './types.ts';
import { checkPrices } from './usage/prices.ts';
import { checkLimits } from './usage/usage-limits.ts';

const isTurns: Check = (value) =>
  value === null || (Number.isSafeInteger(value) && Number(value) > 0)
    ? undefined
    : 'must be a positive whole number, or null for no limit';
const HANDLERS = ['maxTurns', 'modelRefusal', 'invalidFinalOutput', 'default'];
const areHandlers: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(
    ([name, handler]) => HANDLERS.includes(name) && (handler === undefined || typeof handler === 'function'),
  )
    ? undefined
    : `must be an object of functions, named ${HANDLERS.join(', ')}`;

const RUN_OPTIONS: Checks<RunOptions> = {
  maxTurns: optional(isTurns),
  errorHandlers: optional(areHandlers),
  sessionInputCallback: optional(isFunction),
  callModelInputFilter: optional(isFunction),
  toolErrorFormatter: optional(isFunction),
  outputGuardrailBlockedMessage: isAnything,
  reasoningItemIdPolicy: isAnything,
  tracing: isAnything,
  sandbox: isAnything,
  toolExecution: isAnything,
  toolNotFoundBehavior: isAnything,
  toolNameCollisionPolicy: isAnything,
};

export const isRuns = has('a Runs', 'start', 'follow');
const isAgent = has('an Agent of the SDK', 'getSystemPrompt');
const isInput: Check = (value) =>
  typeof value === 'string' || Array.isArray(value) ? undefined : 'must be text, or a list of items';
const isLog = has('a log, such as a pino', 'info', 'warn', 'child');

export const RUNS_OPTIONS: Checks<RunsOptions> = {
  db: mustBeDatabase,
  runner: isAnything,
  runOptions: isAnything,
  timeoutMs: optional(isAmount),
  secrets: isAnything,
  maxItemBytes: optional(isAmount),
  history: isAnything,
  compaction: isAnything,
  titles: isAnything,
  prices: isAnything,
  limits: isAnything,
  leaseMs: optional(isAmount),
  eventsMs: optional(isAmount),
};

export const REQUEST_OPTIONS: Checks<RunRequest> = {
  agent: isAgent,
  userId: isAnything,
  input: isInput,
  accepts: optional(has('{ images, files }')),
  chatId: isAnything,
  context: isAnything,
  idempotencyKey: isAnything,
  pending: (value) => (value === undefined || value === 'reject' ? undefined : 'must be reject'),
  runOptions: isAnything,
  log: optional(isLog),
};

/** @throws QuestlogError `invalid_request` naming what is wrong with the options of all runs. */
export function checkRunsOptions(options: RunsOptions): void {
  checkOptions(options, RUNS_OPTIONS);
  const { runner, runOptions, history, compaction, titles, prices, limits } = options;
  assertSameSdk({ runner });
  checkRunOptions(runOptions);
  if (history !== undefined) checkWindow(history);
  if (compaction !== undefined) checkCompaction(compaction);
  if (titles !== undefined) checkTitles(titles);
  if (prices !== undefined) checkPrices(prices);
  if (limits !== undefined) checkLimits(limits);
}

/** @throws QuestlogError `invalid_request` for what is no agent; `invalid_configuration` for one of another copy of the SDK. */
export function checkAgent(agent: ChatAgent): void {
  checkOptions({ agent }, { agent: isAgent });
  assertSameSdk({ agent });
}

/** @throws QuestlogError `invalid_request` naming what is wrong with who asks for a run, and for what. */
export function checkRequest(request: RunRequest): void {
  checkOptions(request, REQUEST_OPTIONS, { name: 'request' });
  assertId('userId', request.userId);
}

/** @throws QuestlogError `invalid_request` naming each option that a stored run does not have, or that is wrong. */
export function checkRunOptions(options: RunOptions = {}): void {
  checkOptions(options, RUN_OPTIONS, { name: 'runOptions', prefix: 'runOptions.' });
}
