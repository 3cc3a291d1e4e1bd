import { invalidField } from '../errors.ts';
import { assertId } from '../ids.ts';
import { type Checks, checkOptions, isAnything } from '../options.ts';
import { RUN_STATUSES, type RunFilter } from '../store/runs/runs.ts';

const MAX_RUNS = 1_000;
const DEFAULT_RUNS = 100;

/** Which runs `Runs.list` gives. */
export interface RunListOptions extends Omit<RunFilter, 'limit'> {
  /** How many at most, from 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined;
}

const OPTIONS: Checks<RunListOptions> = {
  chatId: isAnything,
  status: isAnything,
  before: isAnything,
  limit: isAnything,
};

/** @throws QuestlogError `invalid_request` naming the option that is wrong. */
export function readListOptions(options: RunListOptions): RunFilter {
  checkOptions(options, OPTIONS);
  const { chatId, status, before, limit = DEFAULT_RUNS } = options;
  if (chatId !== undefined) assertId('chatId', chatId);
  if (before !== undefined) assertId('before', before);
  if (status !== undefined && !RUN_STATUSES.includes(status)) {
    throw invalidField('status', `must be one of ${RUN_STATUSES.join(', ')}`);
  }
  if (!(Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_RUNS)) {
    throw invalidField('limit', `must be a whole number from 1 to ${MAX_RUNS}`);
  }
  return { chatId, status, before, limit };
}
