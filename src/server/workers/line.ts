import { QuestlogError } from '../../errors.ts';

/** A process that does not answer within this is busy with something else, or gone. */
const ANSWER_TIMEOUT_MS = 2_000;

/** Sends to the other process, and says what has kept it from that. */
export type Send = (message: object, done: (error: Error | null) => void) => unknown;

/** Does what the other process asks for, and returns what it gets. */
export type Answer = (question: string, value: unknown) => unknown;

/** Questions and answers between a primary and one of its workers, in both directions. */
export class Line {
  readonly #send: Send;
  readonly #answer: Answer;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #asked = 0;

  constructor(send: Send, answer: Answer) {
    this.#send = send;
    this.#answer = answer;
  }

  /** @throws QuestlogError `internal` when the other process fails, is gone, or does not answer in time. */
  ask(question: string, value?: unknown): Promise<unknown> {
    const id = this.#asked++;
    return new Promise<unknown>((resolve, reject) => {
      const refuse = (why: string) => reject(new QuestlogError('internal', `${question}: ${why}`));
      const timer = setTimeout(refuse, ANSWER_TIMEOUT_MS, 'no answer');
      this.#waiting.set(id, (reply) => ('failed' in reply ? refuse('failed') : resolve(reply.value)));
      const message: Message = { questlog: 'question', id, question, value };
      this.#send(message, (error) => error && refuse('not connected'));
      timer.unref();
    }).finally(() => this.#waiting.delete(id));
  }

  /** Takes what the other process has sent; what is not of such a line is somebody else's. */
  receive(received: unknown): void {
    const message = received as Message;
    if (message?.questlog === 'reply') this.#waiting.get(message.id)?.(message);
    if (message?.questlog === 'question') void this.#reply(message);
  }

  async #reply({ id, question, value }: Question): Promise<void> {
    const reply = { questlog: 'reply', id } as const;
    // Who cannot be told has gone.
    const send = (message: Message) => this.#send(message, () => {});
    try {
      send({ ...reply, value: await this.#answer(question, value) });
    } catch {
      send({ ...reply, failed: true });
    }
  }
}

interface Question {
  readonly questlog: 'question';
  readonly id: number;
  readonly question: string;
  readonly value: unknown;
}

type Reply = { readonly questlog: 'reply'; readonly id: number } & (
  | { readonly value: unknown }
  | { readonly failed: true }
);

type Message = Question | Reply;
