import { cpSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startProgram } from './process.ts';

const { packages } = createRequire(import.meta.url)('../../package-lock.json');
const VERSION: string = packages['node_modules/@electric-sql/pglite'].version;
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/questlog/', import.meta.url));
const TEMPLATE = `${CACHE}pglite-${VERSION}`;

/**
 * Makes an empty data folder of the installed PGlite, once a checkout: to make one takes seconds and 700 MB of memory,
 * to copy and open one takes a fraction of both.
 *
 * @returns PGlite's version.
 */
export async function preparePGlite(): Promise<string> {
  if (existsSync(TEMPLATE)) return VERSION;
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(`${CACHE}draft-`);
  const program = startProgram('test/support/folder-program.ts', { args: ['make', draft] });
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`PGlite cannot make a data folder:\n${program.output()}`);
  // Another test run may have been faster.
  await rename(draft, TEMPLATE).catch(() => rm(draft, { recursive: true }));
  return VERSION;
}

/** Fills `folder` with a copy of the empty data folder. */
export function copyPGlite(folder: string): void {
  cpSync(TEMPLATE, folder, { recursive: true });
}
