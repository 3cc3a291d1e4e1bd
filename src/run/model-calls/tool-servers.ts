import { setTimeout as sleep } from 'node:timers/promises';
import type { MCPServer } from '@openai/agents-core';
import { QuestlogError } from '../../errors.ts';

/** How long a tool server may take to answer, to close or to connect. */
const TIMEOUT_MS = 10_000;

/** The MCP servers that agents get tools from. One that has exited is connected again when a run needs it. */
export class ToolServers {
  /** Runs that begin at the same time share one attempt. */
  readonly #connecting = new WeakMap<MCPServer, Promise<void>>();

  /**
   * Lists the tools of an agent with these servers.
   *
   * @param isFirst whether this run asks for the first time: a list in a cache does not tell whether its server lives.
   * @throws QuestlogError `tools_unavailable` when a server cannot be reached; the next run tries again.
   */
  async list<Tools>(
    servers: readonly MCPServer[],
    getTools: () => Promise<Tools>,
    isFirst: boolean,
  ): Promise<Tools> {
    const cached = servers.filter(({ cacheToolsList }) => cacheToolsList && isFirst);
    await Promise.all(cached.map((server) => server.invalidateToolsCache()));
    try {
      return await getTools();
    } catch (error) {
      if (servers.length === 0) throw error;
      await this.connect(servers);
      return await getTools();
    }
  }

  /** Connects those servers again that do not answer. Throws as `list` does. */
  async connect(servers: readonly MCPServer[]): Promise<void> {
    await Promise.all(servers.map((server) => this.#connect(server)));
  }

  #connect(server: MCPServer): Promise<void> {
    const connecting =
      this.#connecting.get(server) ?? connectAgain(server).finally(() => this.#connecting.delete(server));
    this.#connecting.set(server, connecting);
    return connecting;
  }
}

async function connectAgain(server: MCPServer): Promise<void> {
  if (await answers(server, TIMEOUT_MS)) return;
  try {
    await within(TIMEOUT_MS, server.close());
    await within(TIMEOUT_MS, server.connect());
  } catch (error) {
    const text = 'a tool server of the agent could not be reached';
    throw new QuestlogError('tools_unavailable', text, { cause: error });
  }
}

/** Whether a server lists its tools in time. */
export function answers(server: MCPServer, timeoutMs: number): Promise<boolean> {
  return within(timeoutMs, server.listTools()).then(
    () => true,
    () => false,
  );
}

async function within<Value>(timeoutMs: number, work: Promise<Value>): Promise<Value> {
  const stop = new AbortController();
  const expired = sleep(timeoutMs, undefined, { ref: false, signal: stop.signal }).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`);
  });
  expired.catch(() => undefined);
  try {
    return await Promise.race([work, expired]);
  } finally {
    stop.abort();
  }
}
