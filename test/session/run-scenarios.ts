import { type AgentInputItem, handoff } from '@openai/agents-core';
import { assistantMessage, functionCall, modelError } from '@openai/agents-core/testing';
import { type Scenario, toolThat } from './stage.ts';

const says = (text: string) => [assistantMessage(text)];
const calls = (name: string, callId: string) => functionCall(name, {}, { callId });
const roll = toolThat('roll', 'a four');

/** Runs that end well. */
export const GOOD_RUNS: readonly Scenario[] = [
  {
    title: 'an answer',
    stored: 'u a',
    play: async (stage) => {
      await stage.run(stage.agent([says('hi')]), 'hello');
    },
  },
  {
    title: 'two runs, of which the second sees the first',
    stored: 'u a u a',
    play: async (stage) => {
      const agent = stage.agent([says('hi'), says('still here')]);
      await stage.run(agent, 'hello');
      await stage.run(agent, [{ role: 'user', content: [{ type: 'input_text', text: 'are you there?' }] }]);
    },
  },
  {
    title: 'several turns with tools, two of them at once',
    stored: 'u c c r r c r a',
    play: async (stage) => {
      const script = [[calls('roll', '1'), calls('look', '2')], [calls('roll', '3')], says('done')];
      const tools = [roll, toolThat('look', 'NUL \u0000, half \ud83d, whole 🐉')];
      await stage.run(stage.agent(script, { tools }), 'go');
    },
  },
  {
    title: 'a tool that answers with a picture, and a model that thinks first',
    stored: 'u reasoning c r a',
    play: async (stage) => {
      const thought = {
        type: 'reasoning' as const,
        id: 'rs_1',
        content: [],
        providerData: { b: 1, a: 2, 1: 'one' },
      };
      const picture = { type: 'image', image: { data: Uint8Array.of(1, 2, 3), mediaType: 'image/png' } };
      const agent = stage.agent([[thought, calls('draw', '1')], says('done')], {
        tools: [toolThat('draw', () => picture)],
      });
      await stage.run(agent, 'draw');
    },
  },
  {
    title: 'a handoff',
    stored: 'u c r a',
    play: async (stage) => {
      const helper = stage.agent([], { name: 'Helper' });
      const script = [[calls('transfer_to_Helper', '1')], says('I am the helper')];
      await stage.run(stage.agent(script, { handoffs: [handoff(helper)] }), 'help');
    },
  },
  {
    title: 'an agent that is a tool of another',
    stored: 'u c r a',
    play: async (stage) => {
      const inner = stage.agent([], { name: 'Inner' }).asTool({ toolName: 'ask', toolDescription: 'ask' });
      const script = [[functionCall('ask', { input: 'x' }, { callId: '1' })], says('inner'), says('outer')];
      await stage.run(stage.agent(script, { tools: [inner] }), 'ask');
    },
  },
  {
    title: 'a compaction by the model, and a run after it',
    stored: 'compaction a u a',
    play: async (stage) => {
      const summary = { type: 'compaction' as const, encrypted_content: 'all of it' };
      const agent = stage.agent([says('one'), [summary, assistantMessage('two')], says('three')]);
      for (const text of ['1', '2', '3']) await stage.run(agent, text);
    },
  },
  {
    title: 'a callback that gives back copies of a part of the history',
    stored: 'u c r a u a',
    play: async (stage) => {
      const thought = [calls('roll', '1')];
      const agent = stage.agent([thought, says('one'), says('two')], { tools: [roll] });
      const sessionInputCallback = (history: AgentInputItem[], added: AgentInputItem[]) => [
        ...structuredClone(history.slice(-1)),
        ...added,
      ];
      await stage.run(agent, 'first');
      await stage.run(agent, 'second', { sessionInputCallback });
    },
  },
  {
    title: 'a filter that changes what the model is sent',
    stored: 'u a',
    play: async (stage) => {
      const redacted: AgentInputItem[] = [{ role: 'user', content: '[redacted]' }];
      await stage.run(stage.agent([says('hi')]), 'secret', {
        callModelInputFilter: () => ({ input: redacted }),
      });
    },
  },
  {
    title: 'a conversation that the model’s server keeps',
    stored: '',
    play: async (stage) => {
      await stage.run(stage.agent([says('hi')]), 'hello', { conversationId: 'conv_1' });
    },
  },
  {
    title: 'a run that ends while another is in its tool',
    stored: 'u a u c r a',
    play: async (stage) => {
      const second = stage.agent([], { name: 'Second' });
      const meanwhile = toolThat('meanwhile', async () => {
        await stage.run(second, 'between');
        return 'done';
      });
      const script = [[calls('meanwhile', '1')], says('between'), says('end')];
      await stage.run(stage.agent(script, { tools: [meanwhile] }), 'begin');
    },
  },
];

/** Runs that fail, or are stopped. */
export const BAD_RUNS: readonly Scenario[] = [
  {
    title: 'a model that fails at once',
    stored: { whole: '', streamed: 'u' },
    play: async (stage) => {
      await stage.run(stage.agent([modelError(new Error('overloaded'))]), 'hello');
    },
  },
  {
    title: 'a model that fails after a tool has run',
    stored: { whole: '', streamed: 'u' },
    play: async (stage) => {
      const script = [[calls('roll', '1')], modelError(new Error('overloaded'))];
      await stage.run(stage.agent(script, { tools: [roll] }), 'go');
    },
  },
  {
    title: 'a failure, and a run after it',
    stored: { whole: 'u a', streamed: 'u u a' },
    play: async (stage) => {
      const agent = stage.agent([modelError(new Error('overloaded')), says('better now')]);
      await stage.run(agent, 'hello');
      await stage.run(agent, 'and now?');
    },
  },
  {
    title: 'a tool that throws',
    stored: { whole: '', streamed: 'u' },
    play: async (stage) => {
      const broken = toolThat('break', () => {
        throw new Error('broken');
      });
      await stage.run(stage.agent([[calls('break', '1')]], { tools: [broken] }), 'go');
    },
  },
  {
    title: 'too many turns',
    stored: { whole: '', streamed: 'u' },
    play: async (stage) => {
      await stage.run(stage.agent([[calls('roll', '1')]], { tools: [roll] }), 'go', { maxTurns: 1 });
    },
  },
  {
    title: 'too many turns, with a last word',
    stored: 'u c r a',
    play: async (stage) => {
      await stage.run(stage.agent([[calls('roll', '1')]], { tools: [roll] }), 'go', {
        maxTurns: 1,
        errorHandlers: { maxTurns: () => ({ finalOutput: 'enough' }) },
      });
    },
  },
  {
    title: 'a stop while a tool runs',
    stored: { whole: 'u c r', streamed: 'u' },
    play: async (stage) => {
      const controller = new AbortController();
      const stopping = toolThat('stop', () => {
        controller.abort();
        return 'stopped';
      });
      const agent = stage.agent([[calls('stop', '1')], says('never')], { tools: [stopping] });
      await stage.run(agent, 'go', { signal: controller.signal });
    },
  },
];
