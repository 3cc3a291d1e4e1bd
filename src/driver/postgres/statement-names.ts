import { createHash } from 'node:crypto';
import { QuestlogError } from '../../errors.ts';
import type { Statement } from '../driver.ts';
import { sqlstateOf } from '../sqlstate.ts';

/** Through a transaction pooler a named statement may be missing, or there twice. */
const LOST_STATEMENT_CODES: ReadonlySet<string> = new Set(['26000', '42P05']);
/** Or planned for an older schema; but unnamed statements have this code, too. */
const STALE_PLAN_CODE = '0A000';

/** A name with a hash of its text: two versions of this program never run what the other one means by it. */
export function nameByText(name: string, text: string): string {
  return `${name}_${createHash('sha1').update(text).digest('hex').slice(0, 12)}`;
}

/**
 * Names of server-side prepared statements. A name holds a hash of its text, so two versions of this program behind
 * one pooler can never run each other's statement.
 */
export class StatementNames {
  readonly #known = new Map<string, { readonly text: string; readonly name: string }>();
  #enabled = true;

  prepare(statement: Statement): Statement {
    const { text, values = [], name, types } = statement;
    const config = types === undefined ? { text, values } : { text, values, types };
    if (!this.#enabled || name === undefined) return config;
    return { ...config, name: this.#nameOf(name, text) };
  }

  /** True when `error` says that named statements do not work here: the statement did not run, and may run unnamed. */
  disableAfter(error: unknown): boolean {
    const code = sqlstateOf(error instanceof QuestlogError ? error.cause : error) ?? '';
    // Of several at once each may run again, not only the first that fails.
    const isLost = LOST_STATEMENT_CODES.has(code) || (this.#enabled && code === STALE_PLAN_CODE);
    this.#enabled &&= !isLost;
    return isLost;
  }

  #nameOf(name: string, text: string): string {
    // By its name: to look up a text that was just put together takes longer than to compare it.
    const known = this.#known.get(name);
    if (known?.text === text) return known.name;
    const made = nameByText(name, text);
    this.#known.set(name, { text, name: made });
    return made;
  }
}
