import { type FieldProblem, QuestlogError } from '../errors.ts';
import type { RunOptions } from './types.ts';

type Check = (value: unknown) => string | undefined;

const isAnything: Check = () => undefined;
const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'must be a function');
const isTurns: Check = (value) =>
  value === null || (Number.isSafeInteger(value) && Number(value) > 0)
    ? undefined
    : 'must be a positive whole number, or null for no limit';
const areFunctions: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((handler) => handler === undefined || typeof handler === 'function')
    ? undefined
    : 'must be an object of functions';

const CHECKS: Readonly<Record<keyof RunOptions, Check>> = {
  maxTurns: isTurns,
  errorHandlers: areFunctions,
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

/** @throws QuestlogError `invalid_request` naming each option that a stored run does not have, or that is wrong. */
export function checkRunOptions(options: RunOptions = {}): void {
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
