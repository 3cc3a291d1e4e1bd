import {
  Agent,
  type AgentInputItem,
  type AgentOptions,
  type IndividualRunOptions,
  isRunContextAwareSession,
  RunContext,
  Runner,
  type RunState,
  type Session,
  tool,
} from '@openai/agents-core';
import { ScriptedModel, type ScriptedModelInput } from '@openai/agents-core/testing';
import { z } from 'zod';

/** The context of the runs on a stage: who asks. */
export interface StageContext {
  readonly userId: string;
}

export type StageAgent = Agent<StageContext, 'text'>;
type StageOptions = Omit<IndividualRunOptions<StageContext, StageAgent>, 'stream'>;
export type StageState = RunState<StageContext, StageAgent>;

/** Something that happens between the SDK and a session; the same play is given on two sessions. */
export interface Scenario {
  readonly title: string;
  /** Only when the output is streamed, or only when it is not. */
  readonly only?: 'streamed' | 'whole';
  /**
   * What is stored at the end: u(ser), a(gent), c(all), r(esult of a call), others by their type. Two forms where
   * the SDK stores something else when it streams.
   */
  readonly stored: string | { readonly whole: string; readonly streamed: string };
  readonly play: (stage: Stage) => Promise<void>;
}

const runner = new Runner({ tracingDisabled: true });

/** Where a scenario plays: one session, one scripted model, and a record of all that could be seen from outside. */
export class Stage {
  readonly session: Session;
  readonly context: StageContext;
  readonly streamed: boolean;
  readonly model = new ScriptedModel();
  readonly outcomes: string[] = [];

  constructor(session: Session, context: StageContext, streamed: boolean) {
    this.session = session;
    this.context = context;
    this.streamed = streamed;
  }

  /** An agent whose model says these things, one a turn. */
  agent(script: ScriptedModelInput[], options: Partial<AgentOptions<StageContext>> = {}): StageAgent {
    this.model.enqueue(...script);
    return new Agent<StageContext>({ name: 'Actor', model: this.model, ...options });
  }

  /** Runs the agent to its end, and records how that was. */
  async run(agent: StageAgent, input: string | AgentInputItem[] | StageState, options: StageOptions = {}) {
    try {
      const result = this.streamed
        ? await this.start(agent, input, options)
        : await runner.run(agent, input, { session: this.session, context: this.context, ...options });
      if ('completed' in result) await result.completed;
      this.note(outcomeOf(result));
      return { state: result.state, error: undefined };
    } catch (error) {
      this.note(String(error));
      return { state: (error as { state?: StageState }).state, error };
    }
  }

  /** Starts a streamed run, for a scenario that reads the stream in its own way. */
  start(agent: StageAgent, input: string | AgentInputItem[] | StageState, options: StageOptions = {}) {
    return runner.run(agent, input, {
      session: this.session,
      context: this.context,
      ...options,
      stream: true,
    });
  }

  /** Writes to the session behind the run's back. */
  async add(items: AgentInputItem[]): Promise<void> {
    const { session } = this;
    if (isRunContextAwareSession(session)) await session.addItems(items, new RunContext(this.context));
    else await session.addItems(items);
  }

  /** Lets the next items be stored, and then says that they were not. */
  loseNextAcknowledgement(): void {
    const { session } = this;
    const addItems = session.addItems;
    session.addItems = async (...args) => {
      session.addItems = addItems;
      await addItems.apply(session, args);
      throw new Error('connection lost');
    };
  }

  /** Records something that the scenario saw; a tool may answer with it. */
  note(text: string): string {
    this.outcomes.push(text);
    return text;
  }

  /** What the model was sent, call by call. */
  inputs(): string[] {
    return this.model.calls.map(({ request }) => JSON.stringify(request.input));
  }
}

/** A tool without arguments that answers with this, or does this. */
export function toolThat(name: string, answer: string | (() => unknown), needsApproval = false) {
  return tool({
    name,
    description: name,
    parameters: z.object({}),
    needsApproval,
    errorFunction: null,
    execute: async () => (typeof answer === 'string' ? answer : answer()),
  });
}

interface Outcome {
  readonly cancelled?: boolean;
  readonly interruptions: readonly unknown[];
  readonly finalOutput?: unknown;
}

function outcomeOf(result: Outcome): string {
  if (result.cancelled) return 'stopped';
  const open = result.interruptions.length;
  return open > 0 ? `waits for ${open}` : `says ${result.finalOutput}`;
}

const LETTERS: Record<string, string> = { function_call: 'c', function_call_result: 'r' };

/** `u c r a`: a history in one line. */
export function shapeOf(items: readonly AgentInputItem[]): string {
  return items
    .map((item) => ('role' in item ? item.role.charAt(0) : (LETTERS[item.type ?? ''] ?? item.type)))
    .join(' ');
}
