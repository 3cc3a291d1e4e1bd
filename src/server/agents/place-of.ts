import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const TIMEOUT_MS = 10_000;

/** Of a stack, or of what Node prints of an error that nobody catches: a file of the module's author and its line. */
const PLACE = /(?<=^|[\s(])(file:\/\/\/[^\s()]+?|(?:[A-Z]:)?[\\/][^\s()]+?):(\d+)/gm;

/** ` (agents.ts:12)`: where a module failed, as far as that is known. */
export function placeOf(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // Node keeps the place of a syntax error for those that nobody catches.
  const place =
    findPlace(stack) ?? (error instanceof SyntaxError ? findPlace(printFailure(file)) : undefined);
  return place === undefined ? '' : ` (${place})`;
}

function findPlace(text: string): string | undefined {
  for (const [, path = '', line] of text.matchAll(PLACE)) {
    if (!/[\\/]node_modules[\\/]/.test(path)) {
      return `${relative('', path.startsWith('file:') ? fileURLToPath(path) : path)}:${line}`;
    }
  }
  return undefined;
}

/** What does not parse is not run. */
function printFailure(file: string): string {
  const program = `import ${JSON.stringify(pathToFileURL(file).href)}`;
  const args = [...process.execArgv, '--input-type=module', '--eval', program];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: TIMEOUT_MS }).stderr;
}
