export type { HistoryWindow } from './model-input/history-view.ts';
export { Runs, type RunsOptions } from './runs.ts';
export type { ChatAgent, Run, RunLog, RunRequest, RunResult } from './types.ts';
