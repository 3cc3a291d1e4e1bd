import { Agent, Runner } from '@openai/agents-core';
import { QuestlogError } from '../errors.ts';
import type { ChatAgent } from './types.ts';

/**
 * The SDK knows its own by their classes, and keeps its default model provider in a module: what comes from another copy
 * of it would fail later, in words that name neither.
 *
 * @throws QuestlogError `invalid_configuration` that says how two copies come about.
 */
export function assertSameSdk({
  agent,
  runner,
}: {
  readonly agent?: ChatAgent;
  readonly runner?: Runner | undefined;
}): void {
  if (agent !== undefined && !(agent instanceof Agent)) throw otherCopy('agent');
  if (runner !== undefined && !(runner instanceof Runner)) throw otherCopy('runner');
}

function otherCopy(what: string): QuestlogError {
  return new QuestlogError(
    'invalid_configuration',
    `the ${what} is of another copy of @openai/agents-core than Questlog has: where \`npm ls @openai/agents-core\` shows two \
versions, install a version of @openai/agents that Questlog takes (npm install @openai/agents@0.20); where it shows \
one, load Questlog as you load the SDK, both with import or both with require`,
  );
}
