import type { CDPSession, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../../src/client/index.ts';
import { IS_FIREFOX } from './browser.ts';
import { newPerson, openPage, type PageServer, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

function conversation(items: number): Item[] {
  return Array.from({ length: items / 2 }, (_, index) => [
    { role: 'user', content: `Question ${index}` },
    {
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: `**Answer ${index}**, in some words that fill a line or two.` }],
    },
  ]).flat();
}

async function chatOf(items: number, { client }: PageServer): Promise<string> {
  return (await client.createChat({ title: `${items} items`, conversation: conversation(items) })).chat_id;
}

/** Seconds that the browser has worked for the page so far. */
async function workOf(devTools: CDPSession): Promise<number> {
  const { metrics } = await devTools.send('Performance.getMetrics');
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return of('ScriptDuration') + of('LayoutDuration') + of('RecalcStyleDuration');
}

async function devToolsOf(page: Page): Promise<CDPSession> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Performance.enable');
  return devTools;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const OPENINGS = 5;

describe('a chat of 5,000 items', () => {
  it.skipIf(IS_FIREFOX)('opens as one of 50 does', async () => {
    const server = await pageServer();
    const { url } = server;
    const chats = { short: await chatOf(50, server), long: await chatOf(5_000, server) };
    const page = await (await newPerson()).newPage();
    const open = async (which: keyof typeof chats) => {
      const requests: string[] = [];
      page.removeAllListeners('request').on('request', (request) => requests.push(request.url()));
      const begin = performance.now();
      await page.goto(`${url}/c/${chats[which]}`, { waitUntil: 'commit' });
      await page.getByText(which === 'short' ? 'Answer 24' : 'Answer 2499').waitFor();
      const ms = performance.now() - begin;
      await page.waitForLoadState('networkidle');
      const elements = await page.evaluate<number>(`document.querySelectorAll('*').length`);
      return { ms, elements, requests: requests.length };
    };
    const openings = { short: [await open('short')], long: [await open('long')] };
    for (let time = 1; time < OPENINGS; time++)
      for (const which of ['short', 'long'] as const) openings[which].push(await open(which));
    const of = (which: keyof typeof chats, what: 'ms' | 'elements' | 'requests') =>
      median(openings[which].map((opening) => opening[what]));
    expect(of('long', 'requests')).toBe(of('short', 'requests'));
    // A page of a hundred items is twice one of 50.
    expect(of('long', 'elements')).toBeLessThan(2.2 * of('short', 'elements'));
    // 1.1 when it was written; that a busy machine has its moments is allowed for.
    expect(of('long', 'ms')).toBeLessThan(2 * of('short', 'ms'));
  });
});

/** Watches, in the page, what an answer does to it. */
const WATCH = `(() => {
  const seen = window.seen = { shift: 0, told: [] };
  new PerformanceObserver((list) => { for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) seen.shift += value; })
    .observe({ type: 'layout-shift' });
  const LIVE = '[aria-live], [role="status"], [role="alert"], [role="log"]';
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const region = (target.parentElement ?? target).closest?.(LIVE) ?? target.closest?.(LIVE);
      if (region && region.ariaLive !== 'off' && seen.told.at(-1) !== region.textContent) seen.told.push(region.textContent);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
})()`;

interface Seen {
  readonly shift: number;
  readonly told: readonly string[];
}

const WORDS = 480;
const PART = 120;
/** A paragraph every forty words. */
const ANSWER = Array.from({ length: WORDS }, (_, index) =>
  index % 40 === 39 ? `word${index}.\n\n` : index % 7 === 0 ? `**word${index}** ` : `word${index} `,
).join('');

describe('an answer of 100 words a second in a chat of 5,000 items', () => {
  it.skipIf(IS_FIREFOX)(
    'costs little a word, to its end, moves nothing, and is not called out word by word',
    async () => {
      const server = await pageServer(() => ({ text: ANSWER, pace: 10 }));
      const page = await openPage(server, `/c/${await chatOf(5_000, server)}`, {
        reducedMotion: 'no-preference',
      });
      await page.getByText('Answer 2499').waitFor();
      await page.waitForLoadState('networkidle');
      const devTools = await devToolsOf(page);
      await page.evaluate(WATCH);
      await say(page, 'Go on');
      const works: number[] = [];
      for (let word = PART; word < WORDS; word += PART) {
        await page.getByText(`word${word + 2} `).waitFor();
        works.push(await workOf(devTools));
      }
      await page.getByText(`word${WORDS - 1}.`).waitFor();
      works.push(await workOf(devTools));
      await page.locator('.responding').waitFor({ state: 'detached' });
      const costs = works.slice(1).map((work, index) => (1_000 * (work - (works[index] ?? 0))) / PART);
      const seen = await page.evaluate<Seen>('seen');
      // Milliseconds of work a word: with ten, 100 words a second would leave no time to draw.
      for (const cost of costs) expect(cost).toBeLessThan(8);
      expect(seen.shift).toBeLessThan(0.01);
      expect(seen.told).toEqual(['The agent is thinking…', 'The answer is complete.']);
    },
  );

  it('leaves the reader where they have scrolled to', async () => {
    let goOn = () => undefined as unknown;
    const until = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const server = await pageServer(() => ({ text: ANSWER, hangAfter: PART, until }));
    const page = await openPage(server, `/c/${await chatOf(5_000, server)}`);
    await page.getByText('Answer 2499').waitFor();
    await say(page, 'Go on');
    await page.getByText(`word${PART - 2} `).waitFor();
    const read = page.getByText('Answer 2495');
    await page.getByRole('log').hover();
    const place = async () => Math.round((await read.boundingBox())?.y ?? -1);
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, -300);
        return place();
      })
      .toBeGreaterThan(300);
    // What the wheel was turned for the last time may still be on its way.
    const settled = async () => {
      const places = [await place()];
      await expect
        .poll(async () => {
          places.push(await place());
          return places.at(-1) === places.at(-2);
        })
        .toBe(true);
      return places.at(-1);
    };
    const before = await settled();
    goOn();
    await page.locator('.responding').waitFor({ state: 'detached' });
    // A pixel is a matter of rounding.
    expect(Math.abs(((await settled()) ?? 0) - (before ?? 0))).toBeLessThanOrEqual(1);
  });
});

describe('who wants no motion', () => {
  it.each([
    ['reduce', false],
    // Its driver tells Firefox of no wish.
    ...(IS_FIREFOX ? [] : [['no-preference', true] as const]),
  ] as const)('with %s something moves while an answer is made: %s', async (reducedMotion, moves) => {
    const server = await pageServer(() => ({ text: 'An answer that', hangAfter: 2 }));
    const page = await openPage(server, '/', { reducedMotion });
    await say(page, 'Go on');
    await page.getByText('An answer').waitFor();
    const animations = 'document.getAnimations().length';
    expect((await page.evaluate<number>(animations)) > 0).toBe(moves);
    await page.setViewportSize({ width: 380, height: 700 });
    await page.getByRole('button', { name: 'Show the list of chats' }).click();
    expect((await page.evaluate<number>(animations)) > 0).toBe(moves);
    await page.keyboard.press('Escape');
  });
});
