import { isDatabase } from '../database/database.ts';
import { assertObject, type FieldProblem, invalidField, QuestlogError } from '../errors.ts';
import { assertId } from '../ids.ts';
import { checkCompaction } from '../session/compaction.ts';
import { assertSameSdk } from './assert-same-sdk.ts';
import { checkWindow } from './model-input/window.ts';
import type { RunsOptions } from './runs-options.ts';
import type { RunOptions, RunRequest } from './types.ts';

type Check = (value: unknown) => string | undefined;

const isAnything: Check = () => undefined;
const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'must be a function');
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

const CHECKS: Readonly<Record<keyof RunOptions, Check>> = {
  maxTurns: isTurns,
  errorHandlers: areHandlers,
  sessionInputCallback: isFunction,
  callModelInputFilter: isFunction,
  toolErrorFormatter: isFunction,
  outputGuardrailBlockedMessage: isAnything,
  reasoningItemIdPolicy: isAnything,
  tracing: isAnything,
  sandbox: isAnything,
  toolExecution: isAnything,
  toolNotFoundBehavior: isAnything,
  toolNameCollisionPolicy: isAnything,
};

/** @throws QuestlogError `invalid_request` naming what is wrong with the options of all runs. */
export function checkRunsOptions(options: RunsOptions): void {
  assertObject('options', options);
  const { db, runner, runOptions, history, compaction } = options;
  assertObject('db', db);
  if (!isDatabase(db)) throw invalidField('db', 'must be a Database, of openDatabase');
  assertSameSdk({ runner });
  checkRunOptions(runOptions);
  if (history !== undefined) checkWindow(history);
  if (compaction !== undefined) checkCompaction(compaction);
}

/** @throws QuestlogError `invalid_request` naming what is wrong with who asks for a run, and for what. */
export function checkRequest(request: RunRequest): void {
  assertObject('request', request);
  const { agent, userId, input } = request;
  if (typeof agent !== 'object' || agent === null) throw invalidField('agent', 'must be an Agent of the SDK');
  assertId('userId', userId);
  if (typeof input !== 'string' && !Array.isArray(input))
    throw invalidField('input', 'must be text, or a list of items');
}

/** @throws QuestlogError `invalid_request` naming each option that a stored run does not have, or that is wrong. */
export function checkRunOptions(options: RunOptions = {}): void {
  if (typeof options !== 'object' || options === null) throw invalidField('runOptions', 'must be an object');
  const errors = Object.entries(options).flatMap(([name, value]): FieldProblem[] => {
    if (value === undefined) return [];
    const check = new Map(Object.entries(CHECKS)).get(name);
    const message = check === undefined ? 'is not an option of a stored run' : check(value);
    return message === undefined ? [] : [{ field: `runOptions.${name}`, message }];
  });
  if (errors.length === 0) return;
  const text = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new QuestlogError('invalid_request', text, { errors });
}
