import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { assertAnchors } from './reference/assert-anchors.mjs';
import { writeApi } from './reference/write-api.mjs';
import { writeHttp } from './reference/write-http.mjs';

const ROOT = new URL('../', import.meta.url);
const PAGES = new URL('pages/', import.meta.url);

// What a page imports (Vue) is looked for in the folders above it: the pages come to where it is installed.
rmSync(PAGES, { recursive: true, force: true });
for (const path of ['CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'docs']) {
  cpSync(new URL(path, ROOT), new URL(path, PAGES), { recursive: true });
}
cpSync(new URL('README.md', ROOT), new URL('index.md', PAGES));
await writeApi(new URL('reference/', PAGES));
await writeHttp(new URL('reference/http/', PAGES));

await build(fileURLToPath(new URL('.', import.meta.url)));
assertAnchors(new URL('dist/', import.meta.url), 'reference');
