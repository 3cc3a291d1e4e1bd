/**
 * Adds the optional packages of other platforms that `npm install` left out of package-lock.json. A registry mirror
 * that does not carry them makes npm write a lockfile which its own `npm ci` then refuses. Run it after `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(FILE, 'utf8'));

for (const requirer of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(requirer.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path] === undefined) lock.packages[path] = describe(name, version, requirer.dev);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);

/** Such packages are named for their platform: `@biomejs/cli-linux-x64-musl`. */
function describe(name, version, dev) {
  const [os, cpu, libc] = name
    .split('/')
    .at(-1)
    .replace(/^(cli|binding)-/, '')
    .split('-');
  return {
    version,
    cpu: [os === 'wasm32' ? os : cpu],
    ...(dev ? { dev } : {}),
    ...(libc === 'musl' ? { libc: ['musl'] } : {}),
    ...(libc === 'gnu' ? { libc: ['glibc'] } : {}),
    optional: true,
    ...(os === 'wasm32' ? {} : { os: [os] }),
  };
}
