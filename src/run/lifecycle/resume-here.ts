import type { RunState } from '@openai/agents-core';
import type { Database } from '../../database/database.ts';
import type { Queryable } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import { getChat } from '../../store/chats/chats.ts';
import { type ResumedRun, resumeRun } from '../../store/runs/resume-run.ts';
import { takeRunState } from '../../store/runs/run-states.ts';
import type { RunRow } from '../../store/runs/runs.ts';
import type { ApprovalDecision } from '../../wire/runs.ts';
import type { ChatAgent, ChatContext } from '../types.ts';
import { restoreState } from './run-state.ts';

/**
 * Takes a run that waits for approvals out of the database, to go on in this process with these decisions.
 *
 * @throws QuestlogError `run_not_waiting`, `chat_not_found`: the run waits as before, if it did.
 */
export async function resumeHere(
  db: Database,
  run: RunRow,
  agent: ChatAgent,
  decisions: readonly ApprovalDecision[],
  leaseMs: number,
): Promise<{ readonly resumed: ResumedRun; readonly state: RunState<ChatContext, ChatAgent> }> {
  const { userId, runId } = run;
  let isRegistered = false;
  const work = async (tx: Queryable) => {
    const resumed = await resumeRun(tx, userId, runId, leaseMs);
    const text = resumed && (await takeRunState(tx, userId, runId));
    if (resumed === undefined || text === undefined) throw notWaitingError(run, agent);
    await assertActive(tx, run);
    // Inside the transaction: a state that cannot be restored leaves the run waiting.
    const state = await restoreState(agent, text, decisions);
    // Registered before it is seen to run, so that the sweeper of this process does not take it over.
    db.executingRuns.add(runId);
    isRegistered = true;
    return { resumed, state };
  };
  try {
    return await db.transaction(work, userId);
  } catch (error) {
    // A commit whose answer was lost: no process executes the run, and it ends with its lease.
    if (isRegistered) db.executingRuns.delete(runId);
    throw error;
  }
}

/** Why a run cannot be decided here. */
export function notWaitingError(run: RunRow, agent: ChatAgent | undefined): QuestlogError {
  const details = { run_id: run.runId };
  if (run.status === 'awaiting_approval' && agent === undefined) {
    const text = `the agent ${run.agent} is not known here: register it first`;
    return new QuestlogError('agent_not_registered', text, { details });
  }
  return new QuestlogError('run_not_waiting', 'this run does not wait for a decision', { details });
}

/** What waits in a deleted chat does not happen. */
async function assertActive(tx: Queryable, { chatId, userId }: RunRow): Promise<void> {
  if (chatId === null || (await getChat(tx, chatId, userId)) !== undefined) return;
  throw new QuestlogError('chat_not_found', 'this chat is deleted: restore it first');
}
