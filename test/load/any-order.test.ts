import fc from 'fast-check';
import type { BrowserContext, Page, Route } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { newPerson, type PageServer, pageServer, preparePage, say } from '../web/page-server.ts';

beforeAll(preparePage);

/** What may happen to a person who writes. */
const EVENTS = [
  'send',
  'send',
  'send',
  'offline',
  'replies lost',
  'online',
  'reload',
  'other tab',
  'close tab',
] as const;
type Event = (typeof EVENTS)[number];

/** How requests fare. */
type Network = 'online' | 'offline' | 'replies lost';

/** One person, one chat, up to two tabs of it. */
class Writer {
  readonly sent: string[] = [];
  network: Network = 'online';
  readonly #person: BrowserContext;
  readonly #chatId: string;
  readonly #address: string;
  #tabs: Page[] = [];

  constructor(person: BrowserContext, chatId: string, { url }: PageServer) {
    this.#person = person;
    this.#chatId = chatId;
    this.#address = `${url}/c/${chatId}`;
  }

  async begin(): Promise<void> {
    await this.#person.route(/\/(chats|agents|runs)\//, (route) => this.#pass(route));
    await this.#openTab();
  }

  async meet(event: Event): Promise<void> {
    const [tab] = this.#tabs;
    if (event === 'send' && tab !== undefined) {
      this.sent.push(`Message ${this.sent.length + 1}`);
      await say(tab, this.sent.at(-1) ?? '');
    } else if (event === 'other tab') {
      if (this.#tabs.length === 1) await this.#openTab();
      this.#tabs.reverse();
    } else if (event === 'close tab' && this.#tabs.length > 1) await this.#tabs.shift()?.close();
    else if (event === 'reload') {
      await tab?.reload();
    } else if (event === 'online' || event === 'offline' || event === 'replies lost') this.network = event;
  }

  /** The network is back: the server gets everything, and the page shows it. */
  async end(server: PageServer): Promise<void> {
    this.network = 'online';
    await expect.poll(() => saidTo(server, this.#chatId)).toEqual(this.sent);
    const [tab] = this.#tabs;
    await tab?.reload();
    await expect.poll(() => tab?.locator('.said').allTextContents()).toEqual(this.sent);
    await this.#person.unrouteAll({ behavior: 'ignoreErrors' });
    for (const open of this.#tabs) await open.close();
  }

  async #openTab(): Promise<void> {
    const tab = await this.#person.newPage();
    await tab.goto(this.#address);
    this.#tabs.unshift(tab);
  }

  async #pass(route: Route): Promise<void> {
    if (this.network === 'online' || route.request().resourceType() === 'document') return route.continue();
    if (this.network === 'replies lost') await route.fetch().catch(() => undefined);
    await route.abort().catch(() => undefined);
  }
}

async function saidTo(server: PageServer, chatId: string): Promise<unknown[]> {
  const { conversation } = await server.client.getChat(chatId);
  return (conversation ?? []).filter(({ role }) => role === 'user').map(({ content }) => content);
}

describe('whatever happens to a person who writes', () => {
  it('every message is sent exactly once, in order', { timeout: 300_000 }, async () => {
    const server = await pageServer(() => ({ text: 'Heard.' }));
    const person = await newPerson();
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom(...EVENTS), { minLength: 5, maxLength: 12 }),
      async (events) => {
        const { chat_id } = await server.client.createChat({ title: 'Any order' });
        const writer = new Writer(person, chat_id, server);
        await writer.begin();
        for (const event of events) await writer.meet(event);
        await writer.end(server);
      },
    );
    await fc.assert(property, { numRuns: 8, seed: 20, endOnFailure: true });
  });
});
