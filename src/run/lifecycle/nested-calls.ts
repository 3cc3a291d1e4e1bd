import { randomBytes } from 'node:crypto';
import type { WaitingCall } from './pending-calls.ts';

/** The parts of a paused run's JSON that say what waits: in it, and in agents that it uses as tools. */
export interface PausedJson {
  readonly currentStep?: { readonly data?: { readonly interruptions?: WaitingCall[] } };
  /** The state of such an agent's run as text, by the call that began it. */
  readonly pendingAgentToolRuns?: Record<string, string>;
}

/** Forty letters at most: what providers take as the id of a call. */
const PREFIX = 'nested_';

/**
 * Gives every waiting call of a nested run an id that no other call ever has. Providers number the calls of each answer
 * anew, and the SDK keeps approvals by agent and id: one decision would count for other calls as well.
 */
export function renameNestedCalls(state: PausedJson): void {
  for (const [key, text] of Object.entries(state.pendingAgentToolRuns ?? {})) {
    const nested = JSON.parse(text) as PausedJson;
    const before = waitingIn(nested).map(keyOf);
    renameNestedCalls(nested);
    for (const [index, call] of waitingIn(nested).entries()) {
      if (before[index] === keyOf(call)) renameCall(nested, call);
    }
    for (const [index, call] of waitingIn(nested).entries()) {
      const place = waitingIn(state).findIndex((outer) => keyOf(outer) === before[index]);
      if (place >= 0)
        waitingIn(state)[place] = { ...call, agent: waitingIn(state)[place]?.agent ?? call.agent };
    }
    (state.pendingAgentToolRuns as Record<string, string>)[key] = JSON.stringify(nested);
  }
}

/** What waits in a run, what waits in the runs nested in it included. */
export function waitingIn(state: PausedJson): WaitingCall[] {
  return state.currentStep?.data?.interruptions ?? [];
}

function renameCall(state: PausedJson, { rawItem }: WaitingCall): void {
  if (!('callId' in rawItem) || rawItem.callId.startsWith(PREFIX)) return;
  replaceCallId(state, rawItem.callId, PREFIX + randomBytes(16).toString('hex'));
}

/** Wherever the state has it: in the call, the answer of the model that it is of, and what waits. */
function replaceCallId(value: unknown, from: string, to: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    if (key === 'callId' && part === from) Reflect.set(value, key, to);
    else replaceCallId(part, from, to);
  }
}

function keyOf({ rawItem, agent }: WaitingCall): string {
  return JSON.stringify([agent.name, rawItem]);
}
