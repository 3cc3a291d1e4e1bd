import type { AgentInputItem, Runner, RunState } from '@openai/agents-core';
import type { Database } from '../../database/database.ts';
import type { Retry } from '../../driver/retry.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { EventWriter } from '../events/event-writer.ts';
import type { ResumableStream } from '../events/resumable-stream.ts';
import type { Journal } from '../journal/journal.ts';
import type { ModelWrapper } from '../model-calls/model-wrapper.ts';
import type { Api } from '../model-input/model-input.ts';
import type { ChatAgent, ChatContext, RunLog, RunOptions } from '../types.ts';
import type { CountedCalls } from '../usage/counted-calls.ts';
import type { RunSession } from './run-session.ts';

/** With what a run begins in this process, or goes on. */
export interface Beginning {
  readonly agent: ChatAgent;
  readonly models: ModelWrapper;
  readonly input: AgentInputItem[] | RunState<ChatContext, ChatAgent>;
  readonly api: Api;
  readonly context: ChatContext;
  readonly runOptions: RunOptions;
  readonly logger: RunLog | undefined;
}

/** What a run needs while this process executes it. */
export interface RunParts {
  readonly db: Database;
  readonly runner: Runner;
  readonly agent: ChatAgent;
  readonly models: ModelWrapper;
  readonly counted: CountedCalls;
  /** Whether turns are left out when the provider says that a request is too long. */
  readonly halvesHistory: boolean;
  readonly lease: RunLease;
  readonly context: ChatContext;
  readonly runOptions: RunOptions;
  readonly session: RunSession | undefined;
  readonly journal: Journal;
  readonly stream: ResumableStream;
  readonly writer: EventWriter;
  readonly retry: Retry;
  readonly maxItemBytes: number | undefined;
  /** Values that not even the log may hold. */
  readonly secrets: readonly string[] | undefined;
  /** Where the input and what follows it stand; the same when a run goes on after a pause. */
  readonly inputFrom: number;
  readonly journalFrom: number;
}
