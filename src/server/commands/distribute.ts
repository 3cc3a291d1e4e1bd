import { openDatabase } from '../../database/open.ts';
import { distribute as distributeTables, planDistribution } from '../../store/distribution/distribute.ts';
import { readConfig } from '../config.ts';
import type { Command } from './command.ts';

export const distribute: Command = {
  name: 'distribute',
  takes: '',
  options: { 'dry-run': 'only name what is to be done' },
  summary: 'spread the tables over the nodes of a Citus cluster, by user',
  async run(_args, options) {
    const config = readConfig(process.env);
    const db = await openDatabase(config.database, { schema: config.schema });
    const say = (line: string) => process.stdout.write(`${line}\n`);
    try {
      const steps = await planDistribution(db);
      if (steps.length === 0) say('the tables are distributed');
      else if (options.has('dry-run')) for (const { name } of steps) say(`to do: ${name}`);
      else await distributeTables(db, ({ name }) => say(name));
    } finally {
      await db.close();
    }
  },
};
