import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that this process holds on to: what is garbage has been collected. */
export async function heldBytes(): Promise<number> {
  // What a promise or a WeakRef has kept until the end of its turn is garbage in the next.
  for (let turn = 0; turn < 3; turn += 1) {
    await sleep(1);
    collect();
  }
  // Without what PGlite keeps of its own.
  return process.memoryUsage().heapUsed;
}

/** How many of these are still reachable. */
export async function countHeld(refs: readonly WeakRef<object>[]): Promise<number> {
  await heldBytes();
  return refs.filter((ref) => ref.deref() !== undefined).length;
}
