/**
 * What Questlog tells of its work while it works, on channels of Node (`node:diagnostics_channel`) that are called
 * `questlog:…`: to metrics, to a tracer, to whoever subscribes. Without a subscriber it costs next to nothing.
 */
import { channel, tracingChannel } from 'node:diagnostics_channel';

/** What happens for a while. Its message is filled in until it ends; it has ids, names and numbers, and no content. */
export interface Activity {
  /** How it failed. What it says may be content: a subscriber tells its `code` at most. */
  error?: unknown;
  /** Set by a subscriber when it starts: in what its work is done, such as the active context of a tracer. */
  within?: <Result>(work: () => Result) => Result;
}

/** A channel of Node, by the type of its messages. */
export interface MessageChannel<Message> {
  publish(message: Message): void;
  subscribe(listener: (message: Message) => void): void;
  unsubscribe(listener: (message: Message) => void): void;
}

/** A tracing channel of Node, as far as it is used: an activity is told of at its start, its failure and its end. */
export interface ActivityChannel<Message extends Activity> {
  readonly hasSubscribers: boolean;
  readonly start: MessageChannel<Message>;
  readonly error: MessageChannel<Message>;
  readonly asyncEnd: MessageChannel<Message>;
}

/** A request, until its connection has its reply. */
export interface RequestActivity extends Activity {
  readonly id: string;
  readonly method: string;
  /** Its pattern, such as `/chats/:chat_id`; undefined: there is none. */
  readonly route: string | undefined;
  /** In what trace its client made it: its headers `traceparent` and `tracestate`, as they came. */
  readonly traceContext: { readonly traceparent: string; readonly tracestate?: string } | undefined;
  /** Undefined: the client has left before there was a reply. */
  status?: number | undefined;
  /** The code of the problem that is the reply. */
  code?: string;
  isEventStream?: boolean;
}

/** A run in this process, from its begin or resumption to its end or pause. */
export interface RunActivity extends Activity {
  readonly runId: string;
  readonly chatId: string | null;
  readonly agent: string;
  /** As what it is stored at its end. */
  status?: string;
}

/** Tokens of a model. */
export interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A call of a model, until its answer is there. */
export interface ModelCallActivity extends Activity {
  readonly model: string;
  tokens?: Tokens;
}

/** The execution of a tool in this process. */
export interface ToolActivity extends Activity {
  readonly tool: string;
}

/** A statement, or a transaction with its statements, what it waits for included. */
export interface StatementActivity extends Activity {
  /** Its name if it has one, else the first word of its SQL; `transaction`. */
  readonly name: string;
}

/** Waiting for, or using, a connection to PostgreSQL. */
export interface ConnectionActivity extends Activity {
  /** How many there may be. */
  readonly max: number;
}

/** Work of no one request: what it does belongs to none that it was begun in. */
export interface TaskActivity extends Activity {
  readonly task: Task;
  /** How many appends of sessions share the statement. */
  readonly appends?: number;
  /** What a purge has removed. */
  purged?: {
    readonly chats: number;
    readonly archivedItems: number;
    readonly runs: number;
    readonly usage: number;
  };
}

export type Task = 'append_batch' | 'events' | 'expire' | 'index' | 'leases' | 'poll' | 'purge' | 'sweep';

export const REQUESTS: ActivityChannel<RequestActivity> = activities('questlog:request');
export const RUNS: ActivityChannel<RunActivity> = activities('questlog:run');
export const MODEL_CALLS: ActivityChannel<ModelCallActivity> = activities('questlog:model-call');
export const TOOLS: ActivityChannel<ToolActivity> = activities('questlog:tool');
/** What is done to a chat because a run on it has ended: its title, its compaction. */
export const FOLLOW_UPS: ActivityChannel<Activity & { readonly name: string }> =
  activities('questlog:follow-up');
export const STATEMENTS: ActivityChannel<StatementActivity> = activities('questlog:statement');
export const CONNECTION_WAITS: ActivityChannel<ConnectionActivity> = activities('questlog:connection-wait');
export const CONNECTIONS: ActivityChannel<ConnectionActivity> = activities('questlog:connection');
/** The open replies that are event streams. */
export const EVENT_STREAMS: ActivityChannel<Activity> = activities('questlog:event-stream');
/** The open WebSockets of users. */
export const SOCKETS: ActivityChannel<Activity> = activities('questlog:socket');
export const TASKS: ActivityChannel<TaskActivity> = activities('questlog:task');

/** The first piece of what a model says, in its call, and as a reader of the run gets it. */
export const FIRST_TOKENS: MessageChannel<ModelCallActivity | RunActivity> = messages('questlog:first-token');
/** The run of a process that is gone, or one that waited for approvals which will not come, was ended. */
export const TAKEOVERS: MessageChannel<{ readonly status: string }> = messages('questlog:takeover');

function activities<Message extends Activity>(name: string): ActivityChannel<Message> {
  return tracingChannel(name) as unknown as ActivityChannel<Message>;
}

function messages<Message>(name: string): MessageChannel<Message> {
  return channel(name) as unknown as MessageChannel<Message>;
}

/** An activity that has begun. */
export interface Begun<Message> {
  readonly message: Message;
  /** Does a part of its work. */
  run<Result>(work: () => Result): Result;
  /** Its end; only the first counts. */
  end(failure?: { readonly error: unknown }): void;
}

/** Begins an activity whose end is not that of a promise. Undefined: nobody has subscribed. */
export function begin<Message extends Activity>(
  activities: ActivityChannel<Message>,
  describe: () => NoInfer<Message>,
): Begun<Message> | undefined {
  if (!activities.hasSubscribers) return undefined;
  const message = describe();
  let isOver = false;
  activities.start.publish(message);
  return {
    message,
    run: (work) => (message.within === undefined ? work() : message.within(work)),
    end: (failure) => {
      if (isOver) return;
      isOver = true;
      if (failure !== undefined) {
        message.error = failure.error;
        activities.error.publish(message);
      }
      activities.asyncEnd.publish(message);
    },
  };
}

/** Does work as an activity, which ends with its promise. */
export function trace<Message extends Activity, Result>(
  activities: ActivityChannel<Message>,
  describe: () => NoInfer<Message>,
  work: (message: NoInfer<Message> | undefined) => Promise<Result>,
): Promise<Result> {
  const begun = begin(activities, describe);
  if (begun === undefined) return work(undefined);
  const { message } = begun;
  return begun
    .run(async () => work(message))
    .then(
      (result) => {
        begun.end();
        return result;
      },
      (error: unknown) => {
        begun.end({ error });
        throw error;
      },
    );
}

/** Does work of no one request. */
export function doTask<Result>(
  task: Task,
  work: (message: TaskActivity | undefined) => Promise<Result>,
): Promise<Result> {
  return trace(TASKS, () => ({ task }), work);
}
