import type { ItemPageResponse, PlacedItem, Point, RunResponse } from 'questlog/client';

interface Known {
  readonly items: readonly PlacedItem[];
  readonly points: readonly Point[];
  readonly hasOlder: boolean;
}

/** Puts the newest page of a chat to what is known of it; what is the same stays the same object. */
export function mergeNewest(known: Known, page: ItemPageResponse): Known {
  const first = page.items[0]?.position;
  if (first === undefined || known.items.length === 0)
    return { items: page.items, points: page.points, hasOlder: page.has_more };
  const byPosition = new Map(known.items.map((placed) => [placed.position, placed]));
  const newest = page.items.map((placed) => {
    const before = byPosition.get(placed.position);
    return before !== undefined && isSame(before, placed) ? before : placed;
  });
  const older = known.items.filter(({ position }) => position < first);
  const isGap = older.length > 0 && !page.items.some(({ position }) => byPosition.has(position));
  // What stood before may have been taken out of the history.
  const isWhole = !page.has_more;
  const before = known.points.filter(({ position }) => !isWhole && position !== null && position < first);
  const points = [...before, ...page.points];
  if (isGap || older.length === 0 || isWhole) return { items: newest, points, hasOlder: page.has_more };
  return { items: [...older, ...newest], points, hasOlder: known.hasOlder };
}

/** Runs by their id. One that does what was decided waits for its other calls as before; it names them when it pauses again. */
export function mergeRuns(
  known: ReadonlyMap<string, RunResponse>,
  runs: readonly RunResponse[],
): Map<string, RunResponse> {
  return new Map(runs.map((run) => [run.run_id, stillWaiting(run, known.get(run.run_id))]));
}

function stillWaiting(run: RunResponse, known: RunResponse | undefined): RunResponse {
  return run.status === 'running' && known !== undefined ? { ...run, pending: known.pending } : run;
}

function isSame(one: PlacedItem, other: PlacedItem): boolean {
  return one.run_id === other.run_id && JSON.stringify(one) === JSON.stringify(other);
}
