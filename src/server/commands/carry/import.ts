import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { importChats, type Owner } from '../../../carry/import-chats.ts';
import { readChats, readTables, type TableFormat, type TextFormat } from '../../../carry/read-chats.ts';
import type { ImportReport } from '../../../carry/report.ts';
import { inPostgres, inSqlite, type Tables } from '../../../carry/sources/tables.ts';
import type { Database } from '../../../database/database.ts';
import { hasTables } from '../../../driver/migrate.ts';
import { openDriver } from '../../../driver/open.ts';
import { QuestlogError } from '../../../errors.ts';
import type { Config } from '../../config.ts';
import { prepareTables, useDatabase } from '../../use-database.ts';
import type { Options, Outcome, Run } from '../command.ts';
import { withProgress } from '../progress.ts';
import { countOf } from '../report.ts';

const TEXTS: readonly string[] = ['questlog', 'chatgpt'];
const TABLES: readonly string[] = ['python-sdk', 'mastra'];

export const importCommand: Run = async ([source = ''], options) => {
  const owner = readOwner(options);
  const from = readFormat(options.get('from'));
  const dryRun = options.has('dry-run');
  const file = { read: 0, size: 0 };
  let tables: Tables | undefined;
  const work = async (db: Database, config: Config): Promise<Outcome> => {
    const { maxItemBytes } = config;
    // Tables that there are stay as they are; without any there is nothing to change.
    await prepareTables(db, config, !dryRun || !(await hasTables(db)));
    if (from === 'python-sdk' || from === 'mastra') tables = await openTables(source, from);
    else file.size = (await stat(source).catch(explainFile(source))).size;
    const chats =
      tables === undefined
        ? readChats(readFile(source, file), { format: from as TextFormat | undefined, maxItemBytes })
        : readTables(tables, { format: from as TableFormat, maxItemBytes });
    const report = await withProgress((progress) =>
      importChats(db, owner, chats, {
        dryRun,
        onProgress: (done) =>
          progress.show(
            `imported ${countOf(done.chats, 'chat')}, ${countOf(done.items, 'item')}`,
            file.size === 0 ? undefined : file.read / file.size,
          ),
      }),
    );
    const ok = report.skipped_count === 0 && report.complete;
    return { lines: describe(report), document: report, ok };
  };
  return useDatabase(work).finally(() => tables?.close());
};

function readOwner(options: Options): Owner {
  const userId = options.get('user');
  if ((userId === undefined) === !options.has('users-from-source'))
    throw new QuestlogError(
      'invalid_request',
      '--user or --users-from-source says whose the chats are to be',
    );
  return userId ?? ((owner) => owner);
}

function readFormat(from: string | undefined): string | undefined {
  if (from === undefined || TEXTS.includes(from) || TABLES.includes(from)) return from;
  throw new QuestlogError('invalid_request', `--from must be one of ${[...TEXTS, ...TABLES].join(', ')}`);
}

async function openTables(source: string, from: TableFormat): Promise<Tables> {
  // As SQLAlchemy names it: postgresql+asyncpg://
  const url = source.replace(/^postgres(ql)?\+\w+:/, 'postgresql:');
  if (/^postgres(ql)?:/.test(url)) return inPostgres(await openDriver(url));
  if (from === 'mastra') throw new QuestlogError('invalid_request', 'mastra is read from a postgres:// URL');
  await stat(source).catch(explainFile(source));
  return inSqlite(source);
}

function explainFile(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new QuestlogError('invalid_request', `${path} cannot be read`, { cause });
  };
}

async function* readFile(path: string, file: { read: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: 262_144 })) {
    file.read += chunk.length;
    yield chunk;
  }
}

function describe(report: ImportReport): string[] {
  const done = report.dry_run ? 'would be imported' : 'imported';
  return [
    `${countOf(report.imported, 'chat')} with ${countOf(report.items, 'item')} ${done}, ${report.already_there} already there`,
    ...report.changed.map(({ id, what }) => `changed ${id}: ${what}`),
    ...more(report.changed_count - report.changed.length),
    ...report.skipped.map(({ id, why }) => `skipped ${id ?? 'a chat'}: ${why}`),
    ...more(report.skipped_count - report.skipped.length),
    ...(report.complete ? [] : ['the source was cut off: import it again when it is whole']),
  ];
}

function more(count: number): string[] {
  return count > 0 ? [`and ${count} more`] : [];
}
