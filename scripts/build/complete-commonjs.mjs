import { cpSync, readdirSync, writeFileSync } from 'node:fs';

/** Makes `dist/cjs` CommonJS, and gives it the types of `dist`: what a file's types are is said by its package.json. */
export function completeCommonJs() {
  writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
  for (const entry of readdirSync('dist/cjs', { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
    const types = `${entry.parentPath}/${entry.name.replace(/\.js$/, '.d.ts')}`;
    cpSync(types.replace('dist/cjs/', 'dist/'), types);
  }
}
