import type { AgentSummary, QuestlogClient } from 'questlog/client';
import type { FileInfo } from './files/file-part.ts';
import { Observable } from './observable.ts';

/** The agents of the server, asked for until they are known. */
export class Agents {
  readonly known = new Observable<readonly AgentSummary[]>([]);
  readonly #client: QuestlogClient;
  #loading: Promise<readonly AgentSummary[]> | undefined;

  constructor(client: QuestlogClient) {
    this.#client = client;
    void this.load().catch(() => undefined);
  }

  /** @throws ApiError when they cannot be had now. */
  load(): Promise<readonly AgentSummary[]> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<readonly AgentSummary[]> {
    try {
      const { agents } = await this.#client.listAgents();
      this.known.set(agents);
      return agents;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }
}

/** What says which agent a chat is with. */
interface AgentChoice {
  /** The name of the agent that the person has picked for what they say next. */
  readonly picked: string | undefined;
  /** Newest first. */
  readonly runs: ReadonlyMap<string, { readonly agent: string }>;
}

/** The agent that gets the next message of a chat: the picked one, that of the last run, or the first. */
export function agentOf(
  { picked, runs }: AgentChoice,
  agents: readonly AgentSummary[],
): AgentSummary | undefined {
  const [last] = runs.values();
  const find = (name: string | undefined) => agents.find((agent) => agent.name === name);
  return find(picked) ?? find(last?.agent) ?? agents[0];
}

/** That an agent does not take some of the files that are to go to it. */
export interface Untaken {
  /** Its title. */
  readonly agent: string;
  readonly what: keyof AgentSummary['accepts'];
}

export function untakenBy(agent: AgentSummary | undefined, files: readonly FileInfo[]): Untaken | undefined {
  if (agent === undefined) return undefined;
  const { accepts, title } = agent;
  const has = (kind: FileInfo['kind']) => files.some((file) => file.kind === kind);
  if (!accepts.images && has('image')) return { agent: title, what: 'images' };
  return !accepts.files && has('document') ? { agent: title, what: 'files' } : undefined;
}
