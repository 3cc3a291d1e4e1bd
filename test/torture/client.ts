import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentInputItem } from '@openai/agents-core';
import { markOf } from './found.ts';
import type { Operation } from './history.ts';
import type { Step } from './plan.ts';
import type { Processes } from './processes.ts';

/** What all clients share. */
export interface World {
  readonly processes: Processes;
  readonly chats: readonly { readonly chatId: string; readonly userId: string }[];
  readonly history: Operation[];
  /** The last run that a client has seen in a chat, with its call that waits. */
  readonly runs: Map<string, { readonly runId: string; readonly callId: string | undefined }>;
}

/** A request, and what it is to do. */
interface Request extends Partial<Pick<Operation, 'marks' | 'title' | 'runId'>> {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

type Answer = Pick<Operation, 'outcome' | 'code' | 'popped' | 'runId' | 'ending'> & {
  readonly callId?: string;
};

/** One client, which does one thing after another and writes down what it saw. */
export class Client {
  readonly #world: World;
  readonly #name: string;
  #count = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
  }

  async play(steps: Iterable<Step>, over: AbortSignal): Promise<void> {
    for (const step of steps) {
      if (over.aborted) return;
      await this.#act(step);
      await sleep(step.pauseMs);
    }
  }

  async #act(step: Step): Promise<void> {
    const { processes, chats, history, runs } = this.#world;
    const chat = chats[step.chat % chats.length] as World['chats'][number];
    // The first chat is the library's alone, so that each of its positions is known.
    if (step.kind === 'run' && chat === chats[0]) return;
    const request = this.#request(step, chat.chatId);
    if (request === undefined) return;
    const begin = performance.now();
    let end = begin;
    const signal = step.leavesAfterMs === undefined ? undefined : AbortSignal.timeout(step.leavesAfterMs);
    const { method, path, body, ...told } = request;
    const asking = processes.ask(step.process, chat.userId, method, path, body, signal && { signal });
    const { callId, ...answer } = await read(asking, step.kind, () => {
      end = performance.now();
    });
    if (answer.outcome === 'unknown') end = Number.POSITIVE_INFINITY;
    if (step.kind === 'run' && answer.runId) runs.set(chat.chatId, { runId: answer.runId, callId });
    history.push({ kind: step.kind, ...chat, marks: [], ...told, begin, end, ...answer });
  }

  #request(step: Step, chatId: string): Request | undefined {
    this.#count += 1;
    const name = `${this.#name}.${this.#count}`;
    const marks = Array.from({ length: step.items }, (_, index) => `m${name}.${index}`);
    const items = marks.map((content): AgentInputItem => ({ role: 'user', content }));
    const session = { method: 'POST', path: `/sessions/${chatId}` };
    const known = this.#world.runs.get(chatId);
    const run = known && { method: 'POST', path: `/runs/${known.runId}`, runId: known.runId };
    switch (step.kind) {
      case 'append':
        return { ...session, path: `${session.path}/add`, body: items, marks };
      case 'replace':
        return { ...session, path: `${session.path}/replace`, body: items, marks };
      case 'pop':
      case 'clear':
        return { ...session, path: `${session.path}/${step.kind}` };
      case 'put':
        return { method: 'PUT', path: `/chats/${chatId}`, body: { conversation: items }, marks };
      case 'title':
        return { method: 'PUT', path: `/chats/${chatId}`, body: { title: name }, title: name };
      case 'delete':
        return { method: 'DELETE', path: `/chats/${chatId}` };
      case 'restore':
        return { method: 'POST', path: `/chats/${chatId}/restore` };
      case 'run': {
        const body = { input: `${step.run} ${marks[0]}`, session_id: chatId };
        const pending = step.rejects ? { pending: 'reject' } : {};
        return {
          method: 'POST',
          path: '/chat/stream',
          body: { ...body, ...pending },
          marks: marks.slice(0, 1),
        };
      }
      case 'cancel':
        return run && { ...run, path: `${run.path}/cancel` };
      case 'approve': {
        if (run === undefined || known?.callId === undefined) return undefined;
        const decisions = [{ call_id: known.callId, approve: true }];
        return { ...run, path: `${run.path}/approvals`, body: { decisions } };
      }
    }
  }
}

/** @param onAnswer called when the server has said what became of the request: a run goes on after that. */
async function read(asking: Promise<Response>, kind: Step['kind'], onAnswer: () => void): Promise<Answer> {
  let begun: Answer = { outcome: 'unknown' };
  try {
    const response = await asking;
    if (kind === 'run' && response.ok) {
      onAnswer();
      begun = { outcome: 'done', runId: response.headers.get('x-run-id') ?? '' };
      return { ...begun, ...readEnding(await response.text()) };
    }
    const text = await response.text();
    onAnswer();
    if (response.ok) return { outcome: 'done', ...(kind === 'pop' && { popped: readPopped(text) }) };
    const { code } = JSON.parse(text) as { code?: string };
    return { outcome: response.status < 500 ? 'refused' : 'unknown', code };
  } catch {
    return begun;
  }
}

/** The mark of the item, null where it has none, undefined where there was no item. */
function readPopped(text: string): string | null | undefined {
  const { item } = JSON.parse(text) as { item?: AgentInputItem };
  return item && (markOf(item) ?? null);
}

/** How a stream ended, from its last whole event. */
function readEnding(stream: string): Pick<Answer, 'ending' | 'callId'> {
  const last = /event: (\w+)\ndata: (.*)$/.exec(stream.split('\n\n').at(-2) ?? '');
  if (last === null) return {};
  const data = JSON.parse(String(last[2])) as { code?: string; pending?: { call_id: string }[] };
  const callId = data.pending?.[0]?.call_id;
  return { ending: data.code ?? String(last[1]), ...(callId === undefined ? {} : { callId }) };
}
