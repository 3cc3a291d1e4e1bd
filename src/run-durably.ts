import type { DurableRunOptions, DurableRunResult } from './run/run-durably.ts';
import type { ChatAgent, RunRequest } from './run/types.ts';

/** `runDurably` of `run/`, loaded with the Agents SDK when it is first called. */
export async function runDurably(
  agent: ChatAgent,
  input: RunRequest['input'],
  options: DurableRunOptions,
): Promise<DurableRunResult> {
  const run = await import('./run/run-durably.ts');
  return run.runDurably(agent, input, options);
}
