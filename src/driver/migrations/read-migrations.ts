import { readdir, readFile } from 'node:fs/promises';

/** The build puts a module in place of this one that holds the scripts as text, for bundlers (`scripts/build/`). */
const FOLDER = new URL('../../../migrations/', import.meta.url);

export interface Migration {
  readonly number: number;
  /** Its file in `migrations/`. */
  readonly name: string;
  readonly script: string;
}

/** The numbered scripts in order, `0001-….sql` first. */
export async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}-.+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({
      number: Number(name.slice(0, 4)),
      name,
      script: await readFile(new URL(name, FOLDER), 'utf8'),
    })),
  );
}
