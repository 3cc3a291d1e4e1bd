import type { ServedAgent } from '../../http/agents/read-agents.ts';
import type { ChosenModel } from '../../models/model.ts';
import type { Accepts } from '../../wire/agents.ts';

const TEXT_ALONE: Accepts = { images: false, files: false };

/**
 * The agents with the model that answers for each, its own, the one that it names, or the server's, and with what that takes
 * beside text, where they do not say it.
 *
 * @param accepts what the server's models take.
 */
export function nameModels(
  agents: readonly ServedAgent[],
  chosen: ChosenModel,
  accepts: Accepts | undefined,
): ServedAgent[] {
  return agents.map((served) => {
    const { model } = served.agent;
    const isOwn = typeof model === 'object' && model !== chosen.model;
    if (isOwn) return { ...served, model: { name: 'custom', offline: false } };
    const { name, offline } = chosen;
    const named = typeof model === 'string' && model !== '' && !offline ? model : name;
    return {
      ...served,
      model: { name: named, offline },
      accepts: served.accepts ?? (offline ? TEXT_ALONE : accepts),
    };
  });
}
