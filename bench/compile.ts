import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Inside `node_modules`, where the product finds its own dependencies and not those of the peers. */
const TARGET = 'node_modules/.cache/questlog-bench';

let folder: string | undefined;

/** Where `src/` and `bench/` are as plain JavaScript: tsx would add calls to the functions that are measured. */
export function compiledFolder(): string {
  folder ??= compile();
  return folder;
}

function compile(): string {
  const target = resolve(ROOT, TARGET);
  rmSync(target, { recursive: true, force: true });
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'bench', '--noCheck', '--outDir', target], { cwd: ROOT });
  cpSync(join(ROOT, 'migrations'), join(target, 'migrations'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(target, 'package.json'));
  return target;
}
