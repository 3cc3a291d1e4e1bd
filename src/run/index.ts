export type { HistoryWindow } from './model-input/window.ts';
export { Runs } from './runs.ts';
export type { RunsOptions } from './runs-options.ts';
export type { ChatAgent, Run, RunLog, RunOptions, RunRequest, RunResult } from './types.ts';
