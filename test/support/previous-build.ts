import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFrom } from './compiled.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What an operator upgrades from. */
export interface PreviousBuild {
  readonly commit: string;
  /** Its `questlog`, for `startProgram`. */
  readonly script: string;
}

/**
 * Compiles the last release out of git or, as long as there is none, what was there before the newest migration. It runs
 * with the dependencies of this version.
 *
 * @returns a reason where there is no such commit, as in a shallow clone.
 */
export function compilePrevious(): PreviousBuild | { readonly missing: string } {
  const commit = findCommit();
  if (commit === undefined) return { missing: 'no earlier commit: a shallow clone, or no git' };
  const folder = mkdtempSync(join(tmpdir(), 'questlog-previous-'));
  try {
    execFileSync('tar', ['x', '-C', folder], { input: git('archive', commit, 'src', 'migrations') });
    return { commit, script: relative(ROOT, join(compileFrom(folder), 'src/server/cli.js')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function findCommit(): string | undefined {
  try {
    const tag = git('tag', '--list', 'v*', '--merged', 'HEAD', '--sort=-creatordate')
      .toString()
      .split('\n')[0];
    if (tag) return tag;
    const newest = git('rev-list', '--first-parent', '-1', 'HEAD', '--', 'migrations').toString().trim();
    return git('rev-parse', '--verify', '--short', `${newest}^1`).toString().trim();
  } catch {
    return undefined;
  }
}

function git(...args: string[]): Buffer {
  return execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 28 });
}
