import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { isMigrated, migrate } from '../../src/driver/migrate.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newPGliteFolder } from '../support/databases.ts';

describe('openDatabase', () => {
  it('takes both spellings of a PostgreSQL URL', async () => {
    const url = await createPostgresDatabase();
    for (const spelling of [
      url,
      url.replace('postgres:', 'postgresql:'),
      url.replace('postgres:', 'POSTGRES:'),
    ]) {
      const db = closedAfterTest(await openDatabase(spelling));
      expect(db.kind).toBe('postgres');
    }
  });

  it('takes memory:// for a database of its own, each time', async () => {
    const db = closedAfterTest(await openDatabase('memory://'));
    expect(db).toMatchObject({ kind: 'pglite', location: 'memory' });
    expect(await isMigrated(db)).toBe(false);
    expect(await migrate(db)).not.toEqual([]);
  });

  it('takes a folder as a path or as a file URL, for one holder at a time', async () => {
    const folder = newPGliteFolder();
    const db = closedAfterTest(await openDatabase(pathToFileURL(folder).href));
    expect(db).toMatchObject({ kind: 'pglite', location: folder });
    await expect(openDatabase(folder)).rejects.toMatchObject({ code: 'database_locked' });
    await db.close();
    const again = closedAfterTest(await openDatabase(folder));
    expect(again.location).toBe(folder);
    await again.close();
    expect(readdirSync(folder)).toEqual(['pglite']);
  });

  it('refuses what is no database, instead of making a folder of that name', async () => {
    const cwd = process.cwd();
    // Another test file may be building the package here.
    const entries = () => readdirSync(cwd).filter((name) => name !== 'dist');
    const before = entries();
    for (const url of [
      ...[
        '',
        'mysql://host/db',
        'http://host',
        'memory://x',
        'sqlite:file.db',
        'idb://x',
        'postgres:host/db',
      ],
      ...[' postgres://u:secret@host/db', '"postgres://u:secret@host/db"', 'file:data', 'file://host/data'],
    ]) {
      const error = await openDatabase(url).catch((reason: unknown) => reason);
      expect(error, url).toMatchObject({ code: 'invalid_request', errors: [{ field: 'url' }] });
      expect(String(error)).not.toContain('secret');
    }
    expect(entries()).toEqual(before);
  });

  it('names the folder that cannot be one', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expect(openDatabase(join(file, 'data'))).rejects.toMatchObject({
      code: 'database_failed',
      message: expect.stringContaining(file),
      cause: { code: 'ENOTDIR' },
    });
  });
});
