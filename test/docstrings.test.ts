import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newFolder } from './support/databases.ts';

const SCRIPT = fileURLToPath(new URL('../scripts/check-docstrings.ts', import.meta.url));

/** What the check says of a package with these modules. */
function check(modules: Record<string, string>): string[] {
  const root = newFolder();
  mkdirSync(join(root, 'src'));
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(root, 'src', name), text);
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', SCRIPT, root], { encoding: 'utf8' });
  return stdout.trim().split('\n');
}

test('what the package exports, and each member of it, has a docstring, or its lack is told', () => {
  const problems = check({
    'index.ts': `export { bare as renamed, documented } from './a.ts'; export type { Options } from './b.ts';
      export * from './d.ts';`,
    'a.ts': `export function bare() {}
      /** It is. */
      export function documented() {} export const hidden = 1;`,
    'b.ts': `export type { Options } from './c.ts';`,
    'd.ts': `export const passedOn = 1;`,
    'c.ts': `/** They are. */
      export interface Options {
        /** Here. */
        readonly a: string; readonly b: string; }
      export class Unreachable { b() {} }`,
  });
  expect(problems.sort()).toEqual([
    'src/a.ts: bare has no docstring',
    'src/c.ts: Options.b has no docstring',
    'src/d.ts: passedOn has no docstring',
  ]);
});
