import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const FOLDERS = ['server', 'agents', 'models', 'web'];
const PACKAGE = 'packages/server/dist';

/**
 * Moves the compiled server into its own package, where it finds the packages that only it needs. What it imports of the
 * library is there `questlog/internal/…`: one copy for the server and for the agents that it is given.
 */
export function makeServerPackage() {
  rmSync(PACKAGE, { recursive: true, force: true });
  for (const folder of FOLDERS) {
    cpSync(`dist/${folder}`, `${PACKAGE}/${folder}`, {
      recursive: true,
      filter: (path) => !/\.(d\.ts|map)$/.test(path),
    });
  }
  for (const path of readdirSync(PACKAGE, { recursive: true })) {
    if (!path.startsWith('web') && path.endsWith('.js')) rewriteImports(`${PACKAGE}/${path}`);
  }
}

/** `'../http/router.js'` → `'questlog/internal/http/router.js'`. */
function rewriteImports(file) {
  const code = readFileSync(file, 'utf8');
  const ofLibrary = new RegExp(`(from |import\\()(['"])(?:\\.\\./)+(?!\\.|(?:${FOLDERS.join('|')})/)`, 'g');
  writeFileSync(file, code.replace(ofLibrary, '$1$2questlog/internal/'));
}
