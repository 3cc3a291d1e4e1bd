import type { Database, Queryable, Statement } from '../../src/index.ts';

/** A database that remembers what it was asked. */
export function spyOn(db: Queryable): { sent: Statement[]; spy: Queryable } {
  const sent: Statement[] = [];
  const spy: Queryable = {
    query: (statement) => {
      sent.push(statement);
      return db.query(statement);
    },
  };
  return { sent, spy };
}

export async function sentBy(
  db: Queryable,
  work: (spy: Queryable) => Promise<unknown>,
): Promise<Statement[]> {
  const { sent, spy } = spyOn(db);
  await work(spy);
  return sent;
}

/** The plan of a statement: for its values, or for any (as a named statement has after some calls). */
export async function planOf(db: Database, { text, values = [] }: Statement, mode: string): Promise<string> {
  const literals = values.map((value) => {
    const text = Array.isArray(value) ? `{${value}}` : String(value);
    return value === null ? 'null' : `'${text.replaceAll("'", "''")}'`;
  });
  return db.transaction(async (tx) => {
    await tx.query({ text: `set local plan_cache_mode = ${mode}` });
    await tx.query({ text: `prepare planned as ${text}` });
    const { rows } = await tx.query({ text: `explain execute planned(${literals.join(', ')})` });
    await tx.query({ text: 'deallocate planned' });
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
}
