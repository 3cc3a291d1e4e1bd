import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Puts modules that hold the migrations in place of those that read their folder, which no bundler takes along. */
export function embedMigrations() {
  const names = readdirSync('migrations').sort();
  const migrations = names.map((name) => ({
    number: Number(name.slice(0, 4)),
    name,
    script: readFileSync(`migrations/${name}`, 'utf8'),
  }));
  const read = `async function readMigrations() {\n  return ${JSON.stringify(migrations, null, 2)};\n}\n`;
  writeFileSync('dist/driver/migrations/read-migrations.js', `export ${read}`);
  writeFileSync(
    'dist/cjs/driver/migrations/read-migrations.js',
    `'use strict';\nexports.readMigrations = ${read}`,
  );
}
