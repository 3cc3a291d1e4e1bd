import {
  createDungeonMaster,
  type DungeonMasterOptions,
} from '../../agents/dungeon-master/dungeon-master.ts';
import { readAgents, type ServedAgent } from '../../http/agents/read-agents.ts';

/** The agent of a server that is given none. */
export function exampleAgents(options: DungeonMasterOptions): ServedAgent[] {
  return readAgents({
    agent: createDungeonMaster(options),
    suggestions: [
      'Roll 4d6kh3 for my strength',
      'Create a wizard character for me',
      'Remember that the dragon sleeps until spring',
      'What is in my notes?',
    ],
  });
}
