import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPostgresDatabase, newFolder } from '../support/databases.ts';
import { App, installedWith, type Packed, packAll } from '../support/packages.ts';
import { startProgram } from '../support/process.ts';

/** A program that needs the migrations, in one file and far from its packages. */
const PROGRAM = `
  import { createChat, migrate, openDatabase } from 'questlog';
  import { Runs } from 'questlog/runs';
  async function main() {
    const db = await openDatabase(process.argv[2]);
    const applied = await migrate(db);
    const { title } = await createChat(db, 'ann', { title: 'A quest' });
    console.log(applied.length > 5, title, typeof Runs);
    await db.close();
  }
  main().catch((error) => console.log(error.code, error.message));`;

describe('a bundle', () => {
  let questlog: Packed;

  beforeAll(() => {
    questlog = packAll().questlog;
  });

  it.each(['cjs', 'esm'] as const)(
    'of esbuild (%s) migrates, and is made without the optional packages',
    async (format) => {
      const app = new App().unpack('questlog', questlog).link(...installedWith(questlog.manifest), 'pg');
      const entry = app.write('entry.mjs', PROGRAM);
      const outfile = join(newFolder(), `bundle.${format === 'cjs' ? 'cjs' : 'mjs'}`);
      // What esbuild asks of bundles of ES modules that hold CommonJS, whoever wrote it.
      const js = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
      const banner = format === 'esm' ? { js } : {};
      const { warnings } = await build({
        entryPoints: [entry],
        bundle: true,
        platform: 'node',
        format,
        outfile,
        banner,
        logLevel: 'silent',
      });
      expect(warnings.map(({ text }) => text)).toEqual([]);
      const run = async (url: string) => {
        const program = startProgram(outfile, { args: [url] });
        await program.exited;
        return program.lines();
      };
      expect(await run(await createPostgresDatabase())).toEqual(['true A quest function']);
      expect(await run('memory://')).toEqual([
        'invalid_configuration @electric-sql/pglite is not installed: npm install @electric-sql/pglite',
      ]);
    },
  );
});
