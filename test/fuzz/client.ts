import type { ApiDocument } from '../support/openapi.ts';
import { SECRET } from './bystander.ts';
import { printReply, printRequest } from './print-request.ts';
import type { Step } from './requests/any-step.ts';
import type { Known } from './requests/known.ts';
import { damagedBytes } from './requests/raw-damage.ts';
import { checkRoundTrip } from './round-trip.ts';
import { BrokenPromise, checkReply, findRoute } from './rules.ts';
import type { Outgoing, Reply, Sender } from './send.ts';
import type { Tally } from './tally.ts';

export interface ClientOptions {
  readonly url: string;
  readonly document: ApiDocument;
  readonly sender: Sender;
  readonly tally: Tally;
  readonly known: Known;
  readonly tokens: { readonly user: string; readonly forger: string };
}

/** One user at work: sends steps one after the other, and insists on every promise. */
export class Client {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Makes a chat of which all is set aside: a sequence of chance hardly ever would, and then go back to it. */
  async prepare(): Promise<void> {
    const { url, known, tokens } = this.#options;
    const post = (path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.user}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const made = await post('/chats', { conversation: [{ role: 'user', content: 'Who is there?' }] });
    const { chat_id: chatId } = (await made.json()) as { chat_id: string };
    await post(`/chats/${chatId}/alternatives`, { from: 0, to: 0 });
    known.keep('chat_id', chatId);
    known.keep('alternative_id', '0');
  }

  /** @throws BrokenPromise with the request as a command. */
  async play(step: Step): Promise<void> {
    const outgoing = this.#fill(step);
    let reply: Reply | undefined;
    try {
      reply = await this.#options.sender.send(outgoing);
      if (reply !== undefined) await this.#check(outgoing, reply);
    } catch (error) {
      const answer = reply === undefined ? '' : `\n${printReply(reply)}`;
      const command = printRequest(this.#options.url, outgoing);
      throw new BrokenPromise(`${(error as Error).message}\n${command}${answer}`, { cause: error });
    }
  }

  async #check(outgoing: Outgoing, reply: Reply): Promise<void> {
    const { document, tally, known } = this.#options;
    const route = outgoing.raw === undefined ? findRoute(document, outgoing) : undefined;
    tally.count(route === undefined ? 'elsewhere' : `${route.method} ${route.path}`, reply.status);
    if (reply.body.includes(SECRET)) throw new BrokenPromise("the reply holds another user's words");
    const values = checkReply(document, outgoing, reply);
    for (const value of values) known.keepAll(value);
    known.keep('etag', reply.headers.etag);
    known.keep('run_id', reply.headers['x-run-id']);
    const ask = async (target: string) => {
      const { headers } = outgoing;
      const token = headers.filter(([name]) => name === 'authorization');
      const read = { method: 'GET', target, headers: token, body: undefined };
      const got = await this.#options.sender.send(read);
      if (got === undefined) throw new BrokenPromise('no reply to a read');
      checkReply(document, read, got);
      return got;
    };
    if (await checkRoundTrip(outgoing, reply, ask)) tally.compared += 1;
  }

  #fill({ as, raw, leavesAfter, ...step }: Step): Outgoing {
    const { known, tokens } = this.#options;
    const inHeader = (text: string) => known.fill(text, (value) => value.replace(/[^\x20-\x7e]/g, ''));
    const body =
      step.body &&
      Buffer.from(
        known.fill(step.body.text, (value) => JSON.stringify(value).slice(1, -1)),
        step.body.encoding,
      );
    const outgoing: Outgoing = {
      method: step.method,
      target: known.fill(step.target, encodeURIComponent),
      headers: [
        ...step.headers.map(([name, value]) => [name, inHeader(value)] as const),
        ...(as === 'nobody' ? [] : [['authorization', `Bearer ${tokens[as]}`] as const]),
      ],
      body,
      leavesAfter,
    };
    return raw === undefined
      ? outgoing
      : { ...outgoing, raw: Buffer.from(damagedBytes(toText(outgoing), raw), 'latin1') };
  }
}

/** A request in bytes, each as a character. */
function toText({ method, target, headers, body }: Outgoing): string {
  const length: readonly (readonly [string, string])[] =
    body === undefined ? [] : [['content-length', String(body.length)]];
  const all = [['host', 'localhost'], ['connection', 'close'], ...length, ...headers] as const;
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body?.toString('latin1') ?? ''}`;
}
