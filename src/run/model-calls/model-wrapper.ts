import {
  type Agent,
  type AgentOutputType,
  Handoff,
  type Model,
  type ModelRequest,
  type ModelResponse,
  type RunConfig,
  type RunHookEvents,
  Runner,
  type StreamEvent,
} from '@openai/agents-core';
import type { ChatAgent } from '../types.ts';
import type { ToolServers } from './tool-servers.ts';
import { traceTools } from './trace-tools.ts';

type HookEvents = RunHookEvents<unknown, AgentOutputType>;

/** What stands between the SDK and the models of a run. */
export interface ModelInterceptor {
  /** @param asked the name by which the model was asked for; undefined: by none. */
  stream(model: Model, request: ModelRequest, asked: string | undefined): AsyncIterable<StreamEvent>;
  respond(model: Model, request: ModelRequest, asked: string | undefined): Promise<ModelResponse>;
}

/**
 * Wraps the models of a run, so that what they are asked and what they answer passes through an interceptor. The SDK has
 * no hook there that it waits for, so models and agents are wrapped.
 */
export class ModelWrapper {
  #interceptor: ModelInterceptor | undefined;
  readonly #agents = new WeakMap<ChatAgent, ChatAgent>();
  /** By the names by which they were asked for: a provider may give one for several. */
  readonly #models = new WeakMap<Model, Map<string | undefined, Model>>();
  readonly #wrapped = new WeakSet<Model>();
  readonly #toolServers: ToolServers;

  constructor(toolServers: ToolServers) {
    this.#toolServers = toolServers;
  }

  /** Sets what the wrapped models' calls pass through from now on. */
  intercept(interceptor: ModelInterceptor): void {
    this.#interceptor = interceptor;
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
            traceTools(
              this.#toolServers.list(target.mcpServers, () => target.getAllTools(...args), lists++ === 0),
            );
        }
        return typeof value === 'function' && key !== 'constructor' ? value.bind(target) : value;
      },
    });
    this.#agents.set(agent, wrapped).set(wrapped, wrapped);
    return wrapped;
  }

  /** Makes a runner like this one, for this run; listeners of the original still receive its events. */
  wrapRunner(runner: Runner): Runner {
    const { modelProvider, model } = runner.config;
    return new RelayingRunner(runner, {
      modelProvider: { getModel: async (name) => this.#wrapModel(await modelProvider.getModel(name), name) },
      ...(typeof model === 'object' ? { model: this.#wrapModel(model) } : {}),
    });
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

  #wrapModel(model: Model, asked?: string): Model {
    if (this.#wrapped.has(model)) return model;
    const byName = this.#models.get(model) ?? new Map<string | undefined, Model>();
    this.#models.set(model, byName);
    const known = byName.get(asked);
    if (known !== undefined) return known;
    const wrapped: Model = new Proxy(model, {
      get: (target, key) => {
        const interceptor = this.#interceptor;
        if (key === 'getStreamedResponse' && interceptor !== undefined) {
          return (request: ModelRequest) => interceptor.stream(target, request, asked);
        }
        if (key === 'getResponse' && interceptor !== undefined) {
          return (request: ModelRequest) => interceptor.respond(target, request, asked);
        }
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    byName.set(asked, wrapped);
    this.#wrapped.add(wrapped);
    return wrapped;
  }
}

class RelayingRunner extends Runner {
  readonly #listener: Runner;

  constructor(listener: Runner, models: Partial<RunConfig>) {
    super({ ...listener.config, ...models });
    this.#listener = listener;
  }

  override emit<Name extends keyof HookEvents>(name: Name, ...args: HookEvents[Name]): boolean {
    const handled = this.#listener.emit(name, ...args);
    return super.emit(name, ...args) || handled;
  }
}
