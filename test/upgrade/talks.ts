import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/ids.ts';
import type { CliServer } from '../support/server.ts';

/** What the documents let a server say during a deployment: it is stopping (503), or somebody else has the chat's run (409). */
const PASSING = [409, 503];
const PAUSE_MS = 50;

/** Somebody who says one thing after another in one chat, and what they were told. */
export interface Talk {
  readonly chatId: string;
  /** The messages that were answered, in order, with their runs. */
  readonly answered: readonly { readonly message: string; readonly runId: string }[];
  readonly titles: readonly string[];
}

/** Some talks at once, to whichever of `servers` is next; who is refused, or cut off, asks again under the same key. */
export class Talks {
  readonly talks: readonly Talk[];
  /** Replies that no document lets a server give. */
  readonly faults: string[] = [];
  readonly #servers: readonly CliServer[];
  readonly #ended: Promise<unknown>;
  #isOver = false;
  #asked = 0;

  constructor(servers: readonly CliServer[], count: number) {
    this.#servers = servers;
    const talks = Array.from({ length: count }, () => ({
      chatId: newId(),
      answered: [] as { message: string; runId: string }[],
      titles: [] as string[],
    }));
    this.talks = talks;
    this.#ended = Promise.all(talks.map((talk, number) => this.#talk(talk, number)));
  }

  /** Resolves when each has had so many more answers. */
  async advance(answers: number): Promise<void> {
    const from = this.talks.map(({ answered }) => answered.length);
    while (!this.talks.every(({ answered }, index) => answered.length >= (from[index] ?? 0) + answers)) {
      if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
      await sleep(PAUSE_MS);
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
  }

  async #talk(
    talk: { chatId: string; answered: { message: string; runId: string }[]; titles: string[] },
    number: number,
  ) {
    for (let turn = 0; !this.#isOver; turn += 1) {
      const message = `message ${turn} of ${number}`;
      const key = { 'idempotency-key': `${talk.chatId}-${turn}` };
      const reply = await this.#ask('POST', '/chat/run', { input: message, session_id: talk.chatId }, key);
      talk.answered.push({ message, runId: String(reply.run_id) });
      const title = `Title ${turn} of ${number}`;
      await this.#ask('PUT', `/chats/${talk.chatId}`, { title });
      talk.titles.push(title);
    }
  }

  /** Until somebody answers. */
  async #ask(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
    for (;;) {
      this.#asked += 1;
      const server = this.#servers[this.#asked % this.#servers.length] as CliServer;
      const reply = await fetch(server.url + path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }).catch(() => undefined);
      const text = await reply?.text().catch(() => undefined);
      if (reply?.ok && text !== undefined) return JSON.parse(text) as Record<string, unknown>;
      if (reply !== undefined && !reply.ok && !PASSING.includes(reply.status))
        this.faults.push(`${method} ${path}: ${reply.status} ${text}`);
      await sleep(PAUSE_MS);
    }
  }
}
