export type { HistoryWindow } from './history-view.ts';
export type { ChatAgent, Run, RunLog, RunRequest, RunResult } from './run.ts';
export { Runs, type RunsOptions } from './runs.ts';
