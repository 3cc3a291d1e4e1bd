import type { Found, Operation } from './history.ts';

/** How a run that its stream told to be over must be found. */
const ENDINGS: Readonly<Record<string, string>> = {
  stream_complete: 'completed',
  run_cancelled: 'cancelled',
  run_interrupted: 'interrupted',
};

/** Every run has ended or waits, as its clients were told; no chat is busy; a decision was taken once. */
export function findRunFaults(history: readonly Operation[], found: Found): string[] {
  const runs = new Map(found.runs.map((run) => [run.runId, run]));
  const busy = found.chats.flatMap(({ chatId, activeRun }) =>
    activeRun === null || runs.get(activeRun)?.status === 'awaiting_approval'
      ? []
      : [`${chatId} is busy with ${activeRun}`],
  );
  const running = found.runs.filter(({ status }) => status === 'running');
  return [
    ...busy,
    ...running.map(({ runId }) => `${runId} runs for ever`),
    ...history.filter(({ kind }) => kind === 'run').flatMap((run) => findWrongEnd(run, runs)),
    ...findWrongDecisions(history, found.executed),
  ];
}

function findWrongEnd(
  { runId, userId, chatId, ending = '' }: Operation,
  runs: ReadonlyMap<string, Found['runs'][number]>,
): string[] {
  if (runId === undefined) return [];
  const run = runs.get(runId);
  if (run === undefined) return [`${runId} had begun, and is not there`];
  if (run.userId !== userId || run.chatId !== chatId) return [`${runId} is in another chat`];
  const expected = ENDINGS[ending];
  return expected === undefined || run.status === expected
    ? []
    : [`${runId} was told to be ${expected}, and is ${run.status}`];
}

function findWrongDecisions(history: readonly Operation[], executed: readonly string[]): string[] {
  const decisions = history.filter(({ kind, outcome }) => kind === 'approve' && outcome !== 'refused');
  const done = decisions.filter(({ outcome }) => outcome === 'done').map(({ runId }) => runId);
  const unasked = history
    .filter(({ kind, marks }) => kind === 'run' && executed.includes(`${marks[0]}/guarded`))
    .filter(({ runId }) => !decisions.some((decision) => decision.runId === runId));
  return [
    ...executed
      .filter((line, index) => executed.indexOf(line) < index)
      .map((line) => `${line} was executed twice`),
    ...done
      .filter((runId, index) => done.indexOf(runId) < index)
      .map((runId) => `${runId} was decided twice`),
    ...unasked.map(({ marks }) => `${marks[0]} was executed, and nobody approved`),
  ];
}
