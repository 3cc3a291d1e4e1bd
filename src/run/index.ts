export type { TitleOptions } from './lifecycle/write-title.ts';
export type { HistoryWindow } from './model-input/window.ts';
export type { RunInfo } from './outcome/run-info.ts';
export type { RunListOptions } from './run-list.ts';
export { Runs } from './runs.ts';
export type { RunsOptions } from './runs-options.ts';
export { searchHistory } from './search-history.ts';
export type { ChatAgent, NumberedEvent, Run, RunLog, RunOptions, RunRequest, RunResult } from './types.ts';
