import {
  type Agent,
  type AgentInputItem,
  type AgentOutputType,
  Handoff,
  type Model,
  type ModelProvider,
  type RunHookEvents,
  Runner,
  type StreamEvent,
} from '@openai/agents-core';
import type { ChatAgent } from '../types.ts';
import type { ToolServers } from './tool-servers.ts';

type HookEvents = RunHookEvents<unknown, AgentOutputType>;

/**
 * Persists before dispatch: an answer of a run's model is stored before the SDK acts on it, so that no tool is executed
 * whose call is lost afterwards. The SDK has no hook there that it waits for, so models and agents are wrapped.
 */
export class WriteAhead {
  #persist: (answer: readonly AgentInputItem[]) => Promise<void> = async () => undefined;
  readonly #agents = new WeakMap<ChatAgent, ChatAgent>();
  readonly #models = new WeakMap<Model, Model>();
  readonly #toolServers: ToolServers;

  constructor(toolServers: ToolServers) {
    this.#toolServers = toolServers;
  }

  /** Sets how an answer is stored, before the SDK gets the end of it. */
  persistWith(persist: (answer: readonly AgentInputItem[]) => Promise<void>): void {
    this.#persist = persist;
  }

  /** Wraps an agent, and through its handoffs the others, for this run. The original stays as it is. */
  wrapAgent(agent: ChatAgent): ChatAgent {
    const known = this.#agents.get(agent);
    if (known !== undefined) return known;
    let lists = 0;
    const wrapped: ChatAgent = new Proxy(agent, {
      get: (target, key) => {
        // Its own methods run on the agent itself, which may have private fields.
        const value: unknown = Reflect.get(target, key, target);
        if (key === 'model' && typeof value === 'object') return this.#wrapModel(value as Model);
        if (key === 'handoffs') return (value as ChatAgent['handoffs']).map((to) => this.#wrapHandoff(to));
        if (key === 'getEnabledHandoffs') {
          return async (...args: Parameters<ChatAgent['getEnabledHandoffs']>) =>
            (await target.getEnabledHandoffs(...args)).map((to) => this.#wrapHandoff(to));
        }
        if (key === 'getAllTools') {
          return (...args: Parameters<ChatAgent['getAllTools']>) =>
            this.#toolServers.list(target.mcpServers, () => target.getAllTools(...args), lists++ === 0);
        }
        return typeof value === 'function' && key !== 'constructor' ? value.bind(target) : value;
      },
    });
    this.#agents.set(agent, wrapped).set(wrapped, wrapped);
    return wrapped;
  }

  /** Makes a runner like this one, for this run; listeners of the original still receive its events. */
  wrapRunner(runner: Runner): Runner {
    const { modelProvider } = runner.config;
    const wrapping: ModelProvider = {
      getModel: async (name) => this.#wrapModel(await modelProvider.getModel(name)),
    };
    return new RelayingRunner(runner, wrapping);
  }

  #wrapHandoff(to: Handoff): Handoff;
  #wrapHandoff(to: Agent | Handoff): ChatAgent | Handoff;
  #wrapHandoff(to: Agent | Handoff): ChatAgent | Handoff {
    if (!(to instanceof Handoff)) return this.wrapAgent(to);
    const { agent, onInvokeHandoff } = to;
    return Object.assign(Object.create(Object.getPrototypeOf(to)) as Handoff, to, {
      agent: this.wrapAgent(agent),
      onInvokeHandoff: async (...args: Parameters<typeof onInvokeHandoff>) =>
        this.wrapAgent(await onInvokeHandoff(...args)),
    });
  }

  #wrapModel(model: Model): Model {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const wrapped: Model = new Proxy(model, {
      get: (target, key) => {
        if (key === 'getStreamedResponse') {
          return (...args: Parameters<Model['getStreamedResponse']>) =>
            this.#wrapStream(target.getStreamedResponse(...args));
        }
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    this.#models.set(model, wrapped).set(wrapped, wrapped);
    return wrapped;
  }

  /** Not a generator: what a token passes on its way to the client is most of what a stream costs. */
  #wrapStream(events: AsyncIterable<StreamEvent>): AsyncIterable<StreamEvent> {
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = events[Symbol.asyncIterator]();
        const leave = async () => (await iterator.return?.()) ?? { done: true as const, value: undefined };
        const store = async (next: IteratorYieldResult<Done>) => {
          try {
            await this.#persist(next.value.response.output);
          } catch (error) {
            await leave();
            throw error;
          }
          return next;
        };
        return {
          next: () => iterator.next().then((next) => (isDone(next) ? store(next) : next)),
          return: leave,
        };
      },
    };
  }
}

type Done = Extract<StreamEvent, { type: 'response_done' }>;

function isDone(next: IteratorResult<StreamEvent>): next is IteratorYieldResult<Done> {
  return !next.done && next.value.type === 'response_done';
}

class RelayingRunner extends Runner {
  readonly #listener: Runner;

  constructor(listener: Runner, modelProvider: ModelProvider) {
    super({ ...listener.config, modelProvider });
    this.#listener = listener;
  }

  override emit<Name extends keyof HookEvents>(name: Name, ...args: HookEvents[Name]): boolean {
    const handled = this.#listener.emit(name, ...args);
    return super.emit(name, ...args) || handled;
  }
}
