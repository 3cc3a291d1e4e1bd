import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanUp } from '../../support/clean-up.ts';
import { copyPGlite, preparePGlite } from '../../support/pglite-template.ts';
import type { Trouble } from '../plan.ts';
import type { Processes } from '../processes.ts';
import { type Arena, nothing, Skipped } from './arena.ts';

/** The process that has the embedded database is killed fifty times. */
export async function embedded(_seed: number, _atEnd: CleanUp, folder: string): Promise<Arena> {
  await preparePGlite();
  copyPGlite(folder);
  const trouble = ({ choice }: Trouble, processes: Processes) => processes.restart(choice);
  return { url: folder, processes: 1, troubles: 50, trouble, heal: nothing, where: () => folder };
}

const FULL_WITHIN_MS = 120_000;

/** The disk of the embedded database is full, until space is made and the process restarted. */
export async function full(_seed: number, atEnd: CleanUp, folder: string): Promise<Arena> {
  mountSmallDisk(folder, atEnd);
  await preparePGlite();
  copyPGlite(folder);
  const ballast = join(folder, 'ballast');
  const trouble = async ({ choice }: Trouble, processes: Processes) => {
    fill(ballast);
    const until = performance.now() + FULL_WITHIN_MS;
    // Once it has met a full disk, it answers nothing else.
    while ((await processes.ask(0, 'ada', 'GET', '/chats')).status !== 507) {
      if (performance.now() > until)
        throw new Error('the full disk was not noticed, or not as `database_full`');
      await sleep(100);
    }
    rmSync(ballast);
    await processes.restart(choice);
  };
  return { url: folder, processes: 1, troubles: 5, trouble, heal: nothing, where: () => folder };
}

function mountSmallDisk(folder: string, atEnd: CleanUp): void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    throw new Skipped('a small disk can be mounted on Linux only, and by root');
  }
  atEnd(async () => void execFileSync('umount', ['--lazy', folder]));
}

/** Writes a file for which the disk is too small: what there was is taken. */
function fill(path: string): void {
  for (const size of [1_000_000, 4_096]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // It is full for pieces of this size.
    }
  }
}
