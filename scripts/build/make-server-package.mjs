import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';

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
    if (!path.startsWith('web') && path.endsWith('.js')) rewriteImports(path);
  }
}

/** In `server/app.js`: `'../http/router.js'` → `'questlog/internal/http/router.js'`. */
function rewriteImports(file) {
  const code = readFileSync(`${PACKAGE}/${file}`, 'utf8');
  const rewritten = code.replace(/(from |import\()(['"])(\.[^'"]+)/g, (text, keyword, quote, path) => {
    const target = posix.join(posix.dirname(file), path);
    return FOLDERS.includes(target.split('/')[0]) ? text : `${keyword}${quote}questlog/internal/${target}`;
  });
  writeFileSync(`${PACKAGE}/${file}`, rewritten);
}
