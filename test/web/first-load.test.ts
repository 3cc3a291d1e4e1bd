import type { BrowserContextOptions, Page, Response } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { IS_FIREFOX } from './browser.ts';
import { newPerson, type PageServer, pageServer, preparePage } from './page-server.ts';
import { startTokenServer } from './token-server.ts';

beforeAll(preparePage);

/** Where what stays in its place is, from the first paint on: the corners of each in whole pixels. */
const PLACES = `Object.fromEntries(
  ['.sidebar', '.brand img', '.new-chat', '.search', '.chat-list', '.bar', '.composer', '.sign-in img']
    .map((name) => [name, [...document.querySelectorAll(name)].filter((element) => element.checkVisibility())
      .map((element) => { const { x, y, width } = element.getBoundingClientRect(); return [x, y, width].map(Math.round); })])
    .filter(([, places]) => places.length > 0))`;

const COLORS = `['body', '.sidebar', '.composer'].map((name) => document.querySelector(name))
  .filter((element) => element?.checkVisibility()).map((element) => getComputedStyle(element).backgroundColor)`;

/** How far things moved by themselves: the sum of `layout-shift`. */
const SHIFT = `new Promise((resolve) => new PerformanceObserver((list) =>
    resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0)))
  .observe({ type: 'layout-shift', buffered: true }) ?? setTimeout(() => resolve(0), 200))`;

const IS_PAINTED = `performance.getEntriesByName('first-contentful-paint').length`;

/** What is written, for eyes. */
const WORDS = `[...document.querySelectorAll('body *')].filter((element) => element.checkVisibility())
  .flatMap((element) => [...element.childNodes]).filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
  .map(({ data }) => data.trim()).filter((text) => text !== '')`;

interface Opening {
  readonly page: Page;
  /** Lets the bundle come. */
  readonly go: () => void;
}

/** Opens the page; its bundle does not come yet, but the page is painted. */
async function openWithoutBundle(
  { url }: PageServer,
  path: string,
  settings: object,
  options?: BrowserContextOptions,
): Promise<Opening> {
  const localStorage = [{ name: 'questlog:settings', value: JSON.stringify(settings) }];
  const storageState = { cookies: [], origins: [{ origin: url, localStorage }] };
  const page = await (await newPerson({ storageState, ...options })).newPage();
  let go = () => undefined as unknown;
  const gone = new Promise((resolve) => {
    go = () => resolve(undefined);
  });
  await page.route('**/assets/index-*.js', async (route) => {
    await gone;
    await route.continue();
  });
  await page.goto(url + path, { waitUntil: 'commit' });
  await expect.poll(() => page.evaluate(IS_PAINTED)).toBe(1);
  return { page, go: () => void go() };
}

async function chatOf({ client }: PageServer): Promise<string> {
  const conversation = Array.from({ length: 30 }, (_, index) => ({ role: 'user', content: `Line ${index}` }));
  return (await client.createChat({ title: 'Shown', conversation })).chat_id;
}

const NARROW = { viewport: { width: 380, height: 700 } };
const DARK_AND_LARGE = { theme: 'dark', textSize: 'largest' };

describe('the first paint', () => {
  it.each([
    ['a new chat', '/', {}, {}],
    ['a new chat in German', '/', {}, { locale: 'de-DE' }],
    ['a chat', '/c/shown', {}, {}],
    ['a chat on a narrow screen', '/c/shown', {}, NARROW],
    ['a chat in the dark with large text', '/c/shown', DARK_AND_LARGE, { colorScheme: 'light' }],
    ['the deleted chats', '/deleted', {}, {}],
    ['the archived chats', '/archived', {}, {}],
  ] as const)(
    'of %s waits for no bundle, and nothing moves when that comes',
    async (_, path, settings, options) => {
      const server = await pageServer();
      const { page, go } = await openWithoutBundle(
        server,
        path.replace('shown', await chatOf(server)),
        settings,
        options,
      );
      const [places, colors] = [await page.evaluate<object>(PLACES), await page.evaluate(COLORS)];
      expect(Object.keys(places)).toContain('.bar');
      expect(Object.keys(places).includes('.composer')).toBe(!['/deleted', '/archived'].includes(path));
      expect(await page.locator('#root > *').count()).toBe(0);
      // In no language: it is not known yet.
      expect(await page.evaluate(WORDS)).toEqual(['Questlog']);
      go();
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.locator('.shell').count()).toBe(0);
      expect(await page.evaluate(PLACES)).toEqual(places);
      expect(await page.evaluate(COLORS)).toEqual(colors);
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate(SHIFT)).toBeLessThan(0.01);
    },
  );

  it('of the sign-in is that of the sign-in', async () => {
    const { server } = await startTokenServer();
    const { page, go } = await openWithoutBundle(server, '/', {});
    const places = await page.evaluate<object>(PLACES);
    expect(Object.keys(places)).toEqual(['.sign-in img']);
    go();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.evaluate(PLACES)).toEqual(places);
    expect(await page.evaluate(SHIFT)).toBeLessThan(0.01);
  });
});

/** About one packet: what is smaller gains nothing. */
const LEAST_COMPRESSED_BYTES = 2_000;

// Firefox tells its driver of no socket.
describe.skipIf(IS_FIREFOX)('the first load', () => {
  it.each([
    ['/', ['/agents', '/chats?limit=100&pinned=true', '/chats?limit=40']],
    [
      '/c/shown',
      [
        '/agents',
        '/chats/shown/items?limit=100',
        '/chats/shown/runs',
        '/chats?limit=100&pinned=true',
        '/chats?limit=40',
      ],
    ],
  ])('of %s asks for everything once, compressed, and for its files once in all', async (path, asked) => {
    const server = await pageServer();
    for (let made = 0; made < 50; made++) await server.client.createChat({ title: `Chat ${made}` });
    const shown = await chatOf(server);
    const page = await (await newPerson()).newPage();
    const responses: Response[] = [];
    page.on('response', (response) => responses.push(response));
    const isLive = page
      .waitForEvent('websocket')
      .then((socket) =>
        socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('"ready"')),
      );
    await page.goto(server.url + path.replace('shown', shown));
    await isLive;
    // What the first signals say is what the page shows: the chats have just been made.
    await page.waitForLoadState('networkidle');
    const pathOf = (response: Response) => response.url().slice(server.url.length).replace(shown, 'shown');
    const paths = responses.map(pathOf).sort();
    expect(paths.filter((one) => !one.startsWith('/assets/') && one !== path)).toEqual(asked);
    expect(paths).toEqual([...new Set(paths)]);
    for (const response of responses) {
      const { 'content-encoding': coding, 'cache-control': cache } = await response.allHeaders();
      const { length } = await response.body();
      if (length > LEAST_COMPRESSED_BYTES) expect([pathOf(response), coding]).toContain(coding ?? 'some');
      const isAsset = pathOf(response).startsWith('/assets/');
      if (isAsset) expect([pathOf(response), cache]).toContain('public, max-age=31536000, immutable');
    }
    expect(responses.filter((response) => response.url().includes('/assets/')).length).toBeGreaterThan(3);
  });
});
