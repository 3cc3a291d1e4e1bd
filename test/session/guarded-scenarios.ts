import { type AgentInputItem, RunState } from '@openai/agents-core';
import { assistantMessage, functionCall, modelError } from '@openai/agents-core/testing';
import {
  type Scenario,
  type Stage,
  type StageAgent,
  type StageContext,
  type StageState,
  toolThat,
} from './stage.ts';

const says = (text: string) => [assistantMessage(text)];
const calls = (name: string, callId: string) => functionCall(name, {}, { callId });

/** A guardrail that stops the first run that it sees, and lets the next ones pass. */
function stopsOnce(name: string) {
  let seen = 0;
  const execute = async () => {
    seen += 1;
    return { tripwireTriggered: seen === 1, outputInfo: null };
  };
  return { name, execute };
}

/** Runs that a guardrail stops. */
export const GUARDED_RUNS: readonly Scenario[] = [
  {
    title: 'an input that a guardrail stops, and one that passes',
    stored: 'u a',
    play: async (stage) => {
      const agent = stage.agent([says('hi'), says('hi')], {
        inputGuardrails: [{ ...stopsOnce('in'), runInParallel: false }],
      });
      await stage.run(agent, 'bad');
      await stage.run(agent, 'good');
    },
  },
  {
    title: 'an answer that a guardrail stops, and one that passes',
    stored: 'u u a',
    play: async (stage) => {
      const agent = stage.agent([says('bad'), says('good')], { outputGuardrails: [stopsOnce('out')] });
      await stage.run(agent, 'first');
      await stage.run(agent, 'second');
    },
  },
  {
    title: 'a guardrail that stops what a tool answered',
    stored: 'u c r u c r',
    play: async (stage) => {
      const agent = stage.agent([[calls('roll', '1')], [calls('roll', '2')]], {
        tools: [toolThat('roll', 'a four')],
        toolUseBehavior: 'stop_on_first_tool',
        outputGuardrails: [stopsOnce('out')],
      });
      await stage.run(agent, 'first');
      await stage.run(agent, 'second');
    },
  },
  {
    title: 'a stopped answer that is accepted when the run goes on',
    stored: 'u c r',
    play: async (stage) => {
      const agent = stage.agent([[calls('roll', '1')]], {
        tools: [toolThat('roll', 'a four')],
        toolUseBehavior: 'stop_on_first_tool',
        outputGuardrails: [stopsOnce('out')],
      });
      const { state } = await stage.run(agent, 'go');
      if (state !== undefined) await stage.run(agent, state);
    },
  },
];

/** Runs that wait for a person. */
export const PAUSED_RUNS: readonly Scenario[] = [
  {
    title: 'a call that waits for approval',
    stored: 'u c',
    play: async (stage) => {
      await pause(stage);
    },
  },
  {
    title: 'an approved call',
    stored: 'u c r a',
    play: async (stage) => {
      const { agent, state } = await pause(stage, says('done'));
      decide(state, 'approve');
      await stage.run(agent, state);
    },
  },
  {
    title: 'a call that is approved after a restart',
    stored: 'u c r a',
    play: async (stage) => {
      const { agent, state } = await pause(stage, says('done'));
      const restored = await restarted(agent, state);
      decide(restored, 'approve');
      await stage.run(agent, restored);
    },
  },
  {
    title: 'a rejected call',
    stored: 'u c r a',
    play: async (stage) => {
      const { agent, state } = await pause(stage, says('as you like'));
      decide(state, 'reject');
      await stage.run(agent, state);
    },
  },
  {
    title: 'an approved call, a model that fails, and another try',
    stored: 'u c r a',
    play: async (stage) => {
      const { agent, state } = await pause(stage, modelError(new Error('overloaded')), says('done'));
      decide(state, 'approve');
      await stage.run(agent, state);
      await stage.run(agent, await restarted(agent, state));
    },
  },
  {
    title: 'a new message instead of a decision',
    stored: 'u c u a',
    play: async (stage) => {
      const { agent } = await pause(stage, says('never mind'));
      await stage.run(agent, 'forget it');
    },
  },
  {
    title: 'an approved call in a chat that somebody else went on with',
    stored: 'u c u r a',
    play: async (stage) => {
      const { agent, state } = await pause(stage, says('done'));
      const message: AgentInputItem = { role: 'user', content: 'meanwhile' };
      await stage.add([message]);
      decide(state, 'approve');
      await stage.run(agent, state);
    },
  },
  {
    title: 'a result that was stored, though the session said it was not',
    stored: 'u c r a',
    play: async (stage) => {
      const { agent, state } = await pause(stage, says('done'));
      decide(state, 'approve');
      stage.loseNextAcknowledgement();
      await stage.run(agent, state);
      await stage.run(agent, await restarted(agent, state));
    },
  },
];

/** Runs until a call waits for its approval. */
async function pause(stage: Stage, ...then: Parameters<Stage['agent']>[0]) {
  const ask = toolThat('ask', () => stage.note('the tool ran'), true);
  const agent = stage.agent([[calls('ask', '1')], ...then], { tools: [ask] });
  const { state } = await stage.run(agent, 'go');
  if (state === undefined) throw new Error('the run did not pause');
  return { agent, state };
}

/** The state as a process that begins later reads it. */
function restarted(agent: StageAgent, state: StageState): Promise<StageState> {
  return RunState.fromString<StageContext, StageAgent>(agent, state.toString());
}

function decide(state: StageState, how: 'approve' | 'reject'): void {
  for (const interruption of state.getInterruptions()) state[how](interruption);
}

/** Streams that nobody reads to their end. */
export const LEFT_STREAMS: readonly Scenario[] = [
  {
    title: 'a reader who leaves the loop',
    only: 'streamed',
    stored: 'u',
    play: async (stage) => {
      const stream = await stage.start(stage.agent([says('a long answer')]), 'hello');
      for await (const event of stream) {
        if (event.type === 'raw_model_stream_event') break;
      }
      await stream.completed;
      stage.note(`stopped: ${stream.cancelled}`);
    },
  },
  {
    title: 'a reader who cancels the text',
    only: 'streamed',
    stored: 'u',
    play: async (stage) => {
      const stream = await stage.start(stage.agent([says('a long answer')]), 'hello');
      for await (const text of stream.toTextStream()) {
        stage.note(text);
        break;
      }
      await stream.completed;
      stage.note(`stopped: ${stream.cancelled}`);
    },
  },
  {
    title: 'a reader who reads all',
    only: 'streamed',
    stored: 'u a',
    play: async (stage) => {
      const stream = await stage.start(stage.agent([says('a long answer')]), 'hello');
      for await (const event of stream) stage.note(event.type);
      await stream.completed;
    },
  },
];
