import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Database } from '../../database/database.ts';
import { QuestlogError } from '../../errors.ts';
import { readAgents, type ServedAgent } from '../../http/agents/read-agents.ts';
import { placeOf } from './place-of.ts';
import { prepareTypeScript } from './type-script.ts';

/**
 * Loads the agents that a module exports: as `default`, one, a list of them, or a function of `{ db }` that makes them.
 *
 * @param path of the module: `.js`, `.mjs`, or `.ts` without a build.
 * @throws QuestlogError `invalid_configuration` that names the module and says what is wrong with it.
 */
export async function loadAgents(path: string, db: Database): Promise<ServedAgent[]> {
  const file = resolve(path);
  try {
    const exported = await importDefault(file);
    return readAgents(await (typeof exported === 'function' ? exported({ db }) : exported));
  } catch (error) {
    if (error instanceof QuestlogError) throw wrongModule(path, error.message);
    throw wrongModule(path, `${describe(error)}${placeOf(error, file)}`);
  }
}

async function importDefault(file: string): Promise<unknown> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new QuestlogError('invalid_configuration', 'there is no such file');
  if (!found.isFile()) throw new QuestlogError('invalid_configuration', 'it is not a file');
  if (/\.[cm]?ts$/.test(file)) await prepareTypeScript(file);
  const module: { readonly default?: unknown } = await import(pathToFileURL(file).href);
  // Of CommonJS that a compiler wrote it is what has the default export.
  const exported = hasDefault(module.default) ? module.default.default : module.default;
  if (exported === undefined) {
    throw new QuestlogError(
      'invalid_configuration',
      'it has no default export: add `export default` and its agents',
    );
  }
  return exported;
}

function hasDefault(value: unknown): value is { readonly default: unknown } {
  return typeof value === 'object' && value !== null && '__esModule' in value && 'default' in value;
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`;
  return text.replace(/\s*\n\s*/g, ' ');
}

function wrongModule(path: string, problem: string): QuestlogError {
  return new QuestlogError('invalid_configuration', `the agents of ${path}: ${problem}`);
}
