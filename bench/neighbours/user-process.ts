/** A user of the server, in a process of its own: one who attacks, or the neighbour. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../worker.ts';
import { Asker } from './asker.ts';
import { ATTACKS } from './attacks.ts';

type Headers = Readonly<Record<string, string>>;

/** A person does not ask faster; so a thousand requests are not over before the attack has begun. */
const PAUSE_MS = 10;
const NEVER = new AbortController().signal;

let ending = new AbortController();

const methods = {
  /** @returns the chat that the attack needs. */
  async prepare(name: string, url: string, headers: Headers, megabytes: number): Promise<string> {
    const asker = new Asker(url, headers, NEVER);
    const chatId = (await ATTACKS[name]?.prepare?.(asker, megabytes)) ?? '';
    asker.close();
    return chatId;
  },

  /** Attacks until `stop`. @returns how often each status was answered. */
  async attack(name: string, url: string, headers: Headers, chatId: string) {
    ending = new AbortController();
    const asker = new Asker(url, headers, ending.signal);
    await ATTACKS[name]?.run(asker, chatId);
    asker.close();
    return asker.statuses;
  },

  stop(): void {
    ending.abort();
  },

  /**
   * Asks for a list and for a run, in turns, each user as often as the limits let one.
   *
   * @param users their headers.
   * @returns ms each, and what was answered that was not a success.
   */
  async live(url: string, users: readonly Headers[], turns: number) {
    const times: { readonly list: number[]; readonly run: number[] } = { list: [], run: [] };
    const failures: string[] = [];
    const askers = users.map((headers) => new Asker(url, headers, NEVER));
    const ask = async (
      kind: 'list' | 'run',
      turn: number,
      ...[method, path, body]: [string, string, string?]
    ) => {
      const began = performance.now();
      const { status, text } = (await askers[turn % askers.length]?.ask(method, path, body)) ?? { status: 0 };
      times[kind].push(performance.now() - began);
      if (status !== 200) failures.push(`${method} ${path} answered ${status} ${text}`);
    };
    for (let turn = 0; turn < turns; turn++) {
      await ask('list', turn, 'GET', '/chats?limit=20');
      await sleep(PAUSE_MS);
      await ask('run', turn, 'POST', '/chat/run', '{"input":"Who guards the bridge?"}');
      await sleep(PAUSE_MS);
    }
    for (const asker of askers) asker.close();
    return { ...times, failures };
  },
};

export type UserMethods = typeof methods;

serve(methods);
