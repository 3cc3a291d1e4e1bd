import { createHash } from 'node:crypto';
import { WAITS } from './requests/from-schema.ts';
import { Known } from './requests/known.ts';

const CONVERSATION = [
  { role: 'user', content: 'SECRET-OF-ANOTHER-USER' },
  { role: 'assistant', content: 'It is kept.', odd: { b: [-1.5, 'ü', '\u0000'], a: null } },
];

/** What no other user's reply may hold. */
export const SECRET = 'SECRET-OF-ANOTHER-USER';

/** A second user, who asks for nothing while the others are at work. */
export class Bystander {
  readonly known = new Known();
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Chats of every kind: idle, after a run, with a call that waits, deleted. */
  async settle(): Promise<void> {
    for (const kind of ['idle', 'ran', 'waits', 'deleted']) {
      const chat = await this.#ask('POST', '/chats', { title: kind, conversation: CONVERSATION });
      const { chat_id: id } = JSON.parse(chat) as { chat_id: string };
      this.known.keep('chat_id', id);
      const asks = kind === 'waits' ? WAITS : 'Roll 2d6';
      if (kind === 'ran' || kind === 'waits') {
        this.known.keepAll(JSON.parse(await this.#ask('POST', '/chat/run', { input: asks, session_id: id })));
      }
      if (kind === 'deleted') await this.#ask('DELETE', `/chats/${id}`);
    }
  }

  /** Everything that this user can see, as a digest: the same for as long as nothing has changed. */
  async fingerprint(): Promise<string> {
    const hash = createHash('sha256');
    hash.update(await this.#ask('GET', '/chats?active_only=false&include=conversation'));
    for (const id of this.known.all('chat_id')) {
      for (const path of ['?active_only=false', '/items?active_only=false', '/runs']) {
        hash.update(await this.#ask('GET', `/chats/${id}${path}`));
      }
    }
    for (const id of this.known.all('run_id')) {
      for (const path of ['', '/events']) hash.update(await this.#ask('GET', `/runs/${id}${path}`));
    }
    return hash.digest('hex');
  }

  async #ask(method: string, path: string, body?: unknown): Promise<string> {
    const reply = await fetch(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const etag = reply.headers.get('etag') ?? '';
    return (await reply.text()).replace(/: still here\n\n/g, '') + (method === 'GET' ? etag : '');
  }
}
