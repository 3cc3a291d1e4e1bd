import { readMigrations } from './read-migrations.ts';

/** Each table that the migrations make, but for the one that says which have been applied. */
export async function nameTables(): Promise<string[]> {
  const migrations = await readMigrations();
  return migrations.flatMap(({ script }) =>
    [...script.matchAll(/^create table (?:if not exists )?(\w+)/gm)].map(([, name]) => name as string),
  );
}
