import { availableParallelism } from 'node:os';
import type { EnvReader } from '../env-reader.ts';

/** More than any machine has use for. */
const MAX_WORKERS = 256;

/**
 * How many processes serve.
 *
 * @param isEmbedded of the database: one process has its folder.
 */
export function readWorkers(reader: EnvReader, isEmbedded: boolean): number {
  const name = 'QUESTLOG_WORKERS';
  if (reader.text(name) === 'auto') return isEmbedded ? 1 : availableParallelism();
  const workers = reader.number(name, 1, 1, MAX_WORKERS, 'auto, or a whole number');
  if (workers > 1 && isEmbedded) {
    reader.problem(name, `is ${workers}, but an embedded database has one process: set DATABASE_URL`);
  }
  return workers;
}
