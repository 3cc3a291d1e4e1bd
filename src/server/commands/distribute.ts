import { distribute as distributeTables, planDistribution } from '../../store/distribution/distribute.ts';
import { useDatabase } from '../use-database.ts';
import type { Command } from './command.ts';

export const distribute: Command = {
  name: 'distribute',
  takes: '',
  options: { 'dry-run': 'only name what is to be done' },
  summary: 'spread the tables over the nodes of a Citus cluster, by user',
  run: (_args, options) =>
    useDatabase(async (db) => {
      const say = (line: string) => process.stdout.write(`${line}\n`);
      const steps = await planDistribution(db);
      if (steps.length === 0) say('the tables are distributed');
      else if (options.has('dry-run')) for (const { name } of steps) say(`to do: ${name}`);
      else await distributeTables(db, ({ name }) => say(name));
    }),
};
