import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Inside `node_modules`, so that what is compiled finds its dependencies. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
const OLD_MS = 60 * 60_000;

/**
 * A folder that is made once for all test processes, and again when what it is made of has changed.
 *
 * @param kind what it holds, such as `questlog-page`.
 * @param hash of what it is made of.
 * @param make fills an empty folder.
 * @returns its path.
 */
export function cachedFolder(kind: string, hash: string, make: (folder: string) => void): string {
  const cache = join(CACHE, kind);
  const folder = join(cache, hash);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  removeOld(cache);
  const unfinished = mkdtempSync(join(cache, 'new-'));
  make(unfinished);
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another test process was faster.
    rmSync(unfinished, { recursive: true });
  }
  return folder;
}

function removeOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    // Another test process may remove it at the same time.
    const madeAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - madeAt > OLD_MS) rmSync(path, { recursive: true, force: true });
  }
}
