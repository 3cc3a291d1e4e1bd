/**
 * Called by `npm version`, which has set the version of `package.json`: gives it to whatever else says it, and in `CHANGELOG.md`
 * the heading "Pending" becomes the version with its day.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { version: string };
const today = new Date().toISOString().slice(0, 10);

replace('CHANGELOG.md', /^## Pending$/m, `## ${version} (${today})`);
replace('packages/server/package.json', /(?<="version": ")[^"]+/, version);
replace('packages/server/package.json', /(?<="questlog": ")\d[^"]*/, version);
replace('src/server/version.ts', /(?<=VERSION = ')[^']+/, version);

function replace(path: string, found: RegExp, by: string): void {
  const file = new URL(path, ROOT);
  const text = readFileSync(file, 'utf8');
  if (!found.test(text)) throw new Error(`${path} has no ${found}: is there anything to release?`);
  writeFileSync(file, text.replace(found, by));
}
