import { STATEMENTS, TASKS, type TaskActivity, trace } from '../channels.ts';
import { isRefusal } from '../driver/sqlstate.ts';
import type { EncodedItems } from '../store/items/encoded-items.ts';

/** Characters of JSON in one batch, unless one append alone has more. */
const MAX_BATCH_CHARACTERS = 1_000_000;

/** How many of the first appends fit into one batch: at least one. */
export function countBatch(appends: readonly { readonly items: EncodedItems }[]): number {
  let characters = 0;
  const end = appends.findIndex(({ items }, index) => {
    characters += items.characters;
    return index > 0 && characters > MAX_BATCH_CHARACTERS;
  });
  return end === -1 ? appends.length : end;
}

/** Waits for the statement of a batch. True when the batch is to be split: a part of it may be at fault alone. */
export async function isRefused(written: Promise<unknown>): Promise<boolean> {
  return written.then(() => false, isRefusal);
}

/** Halves a batch: few statements find the append that is refused among many. */
export function splitBatch<Append>(batch: readonly Append[]): readonly (readonly Append[])[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

/** Waits until others write an append, in a batch. Of that they tell themselves: it is nobody's alone. */
export function waitForBatch(
  wait: (resolve: (outcome: boolean | Promise<boolean>) => void) => void,
): Promise<boolean> {
  return trace(
    STATEMENTS,
    () => ({ name: 'wait_for_batch' }),
    () => new Promise(wait),
  );
}

/** Writes appends that have waited, of whomever. */
export function writeTogether<Result>(appends: number, write: () => Promise<Result>): Promise<Result> {
  return trace(TASKS, (): TaskActivity => ({ task: 'append_batch', appends }), write);
}
