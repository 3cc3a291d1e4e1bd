import { type Driver, type Queryable, query, type Transaction } from '../../driver/driver.ts';
import { isMigrated, LOCK } from '../../driver/migrate.ts';
import { QuestlogError } from '../../errors.ts';
import { listSteps, type Progress, type Step, TABLES } from './steps.ts';

/**
 * Triggers write rows of the user whose row was written, which are on the same node: what Citus cannot know, and so has to
 * be told when they are made.
 */
const SETTINGS_HERE = [
  `set local citus.propagate_set_commands = 'local'`,
  'set local citus.enable_unsafe_triggers = on',
];

interface Place extends Omit<Progress, 'tables' | 'functions'> {
  readonly hasCitus: boolean;
}

const FIND_PLACE = `
  select quote_ident(current_schema()) as path,
    exists (select from pg_extension where extname = 'citus') as "hasCitus",
    exists (select from pg_constraint where contype = 'p' and cardinality(conkey) = 2
      and conrelid = to_regclass('chats')) as "hasKeys",
    -- Those of a plain database follow a change of the owner.
    exists (select from pg_constraint where conname = 'idempotency_keys_of_run' and confupdtype = 'a'
      and conrelid = to_regclass('idempotency_keys')) as "hasReferences",
    -- Those of a plain database are for each statement.
    exists (select from pg_trigger where tgname = 'note_replacement' and tgtype & 1 = 1
      and tgrelid = to_regclass('chat_items')) as "hasTriggers",
    exists (select from pg_class where relnamespace = current_schema()::regnamespace and relname = any($1)
      and pg_relation_size(oid) > 0) as "hasCopies"`;

/** Only where there is Citus. */
const FIND_PARTS = `
  select array(select c.relname::text from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid
      where c.relnamespace = current_schema()::regnamespace) as tables,
    array(select proname::text from pg_proc where pronamespace = current_schema()::regnamespace) as functions,
    (select count(*) from pg_dist_node where shouldhaveshards and isactive)::int as nodes`;

/**
 * What `distribute` would do, without doing it.
 *
 * @throws QuestlogError `invalid_request` where the database cannot be distributed, in words that say why.
 */
export async function planDistribution(db: Queryable): Promise<Step[]> {
  const [place] = await query<Place>(db, { userId: null, text: FIND_PLACE, values: [TABLES] });
  if (!place?.hasCitus) {
    throw refusal(
      'this database has no Citus, which distributes tables: create extension citus, and add the nodes',
    );
  }
  const [parts] = await query<Pick<Progress, 'tables' | 'functions'> & { nodes: number }>(db, {
    userId: null,
    text: FIND_PARTS,
  });
  if (!parts?.nodes) throw refusal('Citus has no node that takes rows: citus_add_node first');
  if (!(await isMigrated(db))) throw refusal('the tables are not up to date: questlog migrate first');
  return listSteps({ ...place, ...parts });
}

/**
 * Distributes the tables of a migrated database by user, with their rows, over the nodes of Citus. Each step is a transaction;
 * where one fails, the next call goes on behind those that are done, and so does one at the same time. Nobody may write
 * meanwhile: stop the servers, and start them afterwards, since a database is looked at when it is opened.
 *
 * @param onStep is called with each step before it is done.
 * @throws QuestlogError `invalid_request` where the database cannot be distributed, in words that say why.
 */
export async function distribute(db: Driver, onStep: (step: Step) => void = () => undefined): Promise<void> {
  while (await db.transaction((tx) => doNextStep(tx, onStep), null));
}

/** @returns false when none is left. */
async function doNextStep(tx: Transaction, onStep: (step: Step) => void): Promise<boolean> {
  await tx.exec(LOCK);
  const [step] = await planDistribution(tx);
  if (step === undefined) return false;
  onStep(step);
  for (const statement of [...SETTINGS_HERE, ...step.statements]) await tx.exec(statement);
  return true;
}

function refusal(message: string): QuestlogError {
  return new QuestlogError('invalid_request', message);
}
