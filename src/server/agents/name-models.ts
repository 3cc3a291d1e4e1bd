import type { ServedAgent } from '../../http/agents/read-agents.ts';
import type { ChosenModel } from '../../models/model.ts';

/** The agents with the model that answers for each: its own, the one that it names, or the server's. */
export function nameModels(agents: readonly ServedAgent[], chosen: ChosenModel): ServedAgent[] {
  return agents.map((served) => ({ ...served, model: modelOf(served, chosen) }));
}

function modelOf({ agent: { model } }: ServedAgent, chosen: ChosenModel): ServedAgent['model'] {
  if (typeof model === 'object' && model !== chosen.model) return { name: 'custom', offline: false };
  const named = typeof model === 'string' && model !== '' && !chosen.offline ? model : chosen.name;
  return { name: named, offline: chosen.offline };
}
