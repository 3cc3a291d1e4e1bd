import type { Hold } from './outgoing.ts';

const RETRY_MS = { least: 500, most: 10_000 };
/** What ends is signalled: this is for a signal that got lost. */
const LOOK_AGAIN_MS = 30_000;

/** How long what keeps a message back may last before it is tried again. */
export function toDelayMs({ why }: Hold, failures: number): number {
  return why === 'network' ? Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** failures) : LOOK_AGAIN_MS;
}

/** Waits until something happens, or for so long. */
export async function atMost(ms: number, happens: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([happens, passed]);
  clearTimeout(timer);
}
