import type { Database } from '../../src/database/database.ts';
import { query, type Statement } from '../../src/driver/driver.ts';

/** Of a plan in JSON (`explain`), as far as it is read here. */
interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Alias?: string;
  readonly Plans?: readonly Node[];
}

const CONDITIONS = ['Index Cond', 'Recheck Cond', 'Filter', 'Hash Cond', 'Merge Cond', 'Join Filter'];

/** The tables of Questlog that a statement reads without a condition on whose rows, by its plan for any values. */
export async function findUnnamed(db: Database, { text }: Statement): Promise<string[]> {
  const [row] = await query<{ 'QUERY PLAN': { Plan: Node }[] }>(db, {
    userId: null,
    text: `explain (generic_plan, format json) ${text}`,
  });
  return row === undefined ? [] : row['QUERY PLAN'].flatMap(({ Plan }) => unnamedIn(Plan, []));
}

/** @param above the conditions of what the node is joined with. */
function unnamedIn(node: Node, above: readonly string[]): string[] {
  const own = CONDITIONS.flatMap((name) => String(Reflect.get(node, name) ?? ''));
  const conditions = [...own, ...above];
  const table = node['Node Type'].endsWith('Scan') ? node['Relation Name'] : undefined;
  const below = (node.Plans ?? []).flatMap((plan) => unnamedIn(plan, conditions));
  return table === undefined || isNamed(node.Alias, conditions)
    ? below
    : [`${table} as ${node.Alias}`, ...below];
}

/** Either is a parameter, or a row of the same user. */
function isNamed(alias: string | undefined, conditions: readonly string[]): boolean {
  const column = `(?:${alias}\\.)?user_id`;
  const other = String.raw`(?:\$\d+|\w+\.user_id|\(.*\$\d+.*\))`;
  const named = new RegExp(`(?<![.\\w])${column} = ${other}|${other} = ${column}(?![.\\w])`);
  return conditions.some((condition) => named.test(condition));
}
