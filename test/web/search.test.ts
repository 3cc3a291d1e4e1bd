import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { onElement, openPage, pageServer, preparePage } from './page-server.ts';

beforeAll(preparePage);

const LINES = 700;
const PLACE = 150;
const BEFORE = 'Words that stand before it, more than a narrow list has room for. ';
const NEEDLE = 'The <b>gryphon</b> nests in the Sunless Citadel';

const userSays = (content: string) => ({ role: 'user' as const, content });

const linesWith = (needle: string) =>
  Array.from({ length: LINES }, (_, index) => userSays(index === PLACE ? needle : `Line ${index}`));

const section = (page: Page) => page.getByRole('region', { name: 'In conversations' });
const box = (page: Page) => page.getByRole('searchbox');
const marked = (page: Page) => page.locator('.message[data-marked]');

/** Whether all of an element is in sight within the log. */
const isInSight = async (page: Page, text: string): Promise<boolean> => {
  const [at, log] = [
    await page.getByRole('log').getByText(text, { exact: true }).boundingBox(),
    await page.getByRole('log').boundingBox(),
  ];
  return at !== null && log !== null && at.y >= log.y && at.y + at.height <= log.y + log.height;
};

describe('the search box', () => {
  it('finds titles and what was said, marks the words, and leads to their place in a long chat and on from there', async () => {
    const server = await pageServer();
    const { chat_id } = await server.client.createChat({
      title: 'Far',
      conversation: linesWith(BEFORE + NEEDLE),
    });
    await server.client.createChat({ title: 'A gryphon in the title' });
    const page = await openPage(server);
    await box(page).fill('gryphon sun');
    const result = section(page).getByRole('link');
    await result.waitFor();
    // Few lines are shown: what was found begins them.
    expect(await result.locator('span').textContent()).toMatch(
      /^….{0,30}The <b>gryphon<\/b> nests in the Sunless Citadel/,
    );
    expect(await result.locator('mark').allTextContents()).toEqual(['gryphon', 'Sunless']);
    expect(await result.locator('span').getAttribute('dir')).toBe('auto');
    await box(page).fill('gryphon');
    await page.getByRole('link', { name: 'A gryphon in the title' }).waitFor();
    // What the list of titles has is not said twice.
    await expect.poll(() => result.count()).toBe(1);

    await result.click();
    await expect.poll(() => isInSight(page, BEFORE + NEEDLE)).toBe(true);
    expect(page.url()).toBe(`${server.url}/c/${chat_id}?at=${PLACE}`);
    expect(await marked(page).textContent()).toContain(NEEDLE);
    await page
      .getByRole('status')
      .getByText(`You are at the message that was found: ${BEFORE + NEEDLE}`)
      .waitFor();
    // Where nothing may move the outline stays, and does not fade.
    expect(
      await marked(page).evaluate(
        onElement('(node) => [getComputedStyle(node).outlineStyle, getComputedStyle(node).animationName]'),
      ),
    ).toEqual(['solid', 'none']);

    const log = page.getByRole('log');
    await log.hover();
    const scrollTo = (y: number, text: string) =>
      expect
        .poll(async () => {
          await page.mouse.wheel(0, y);
          return log.getByText(text, { exact: true }).count();
        })
        .toBe(1);
    await scrollTo(-3_000, `Line ${PLACE - 120}`);
    await scrollTo(3_000, `Line ${PLACE + 250}`);
    await page.getByRole('button', { name: 'Go to the newest message' }).click();
    await expect.poll(() => isInSight(page, `Line ${LINES - 1}`)).toBe(true);
    expect(page.url()).toBe(`${server.url}/c/${chat_id}`);
  });

  it('leads to what the address says: after a reload, and back and forward', async () => {
    const server = await pageServer();
    const { chat_id } = await server.client.createChat({
      title: 'Here',
      conversation: linesWith('A manticore'),
    });
    const page = await openPage(server, `/c/${chat_id}`);
    await expect.poll(() => isInSight(page, `Line ${LINES - 1}`)).toBe(true);
    await box(page).fill('manticore');
    await section(page).getByRole('link').click();
    await expect.poll(() => isInSight(page, 'A manticore')).toBe(true);
    await page.reload();
    await expect.poll(() => isInSight(page, 'A manticore')).toBe(true);
    await page.goBack();
    await expect.poll(() => isInSight(page, `Line ${LINES - 1}`)).toBe(true);
    await page.goForward();
    await expect.poll(() => isInSight(page, 'A manticore')).toBe(true);
    // Among the newest, which are there without a page of their own.
    await box(page).fill(`"Line ${LINES - 60}"`);
    await section(page).getByRole('link', { name: 'Here' }).click();
    await expect.poll(() => isInSight(page, `Line ${LINES - 60}`)).toBe(true);
    await page.goBack();
    await expect.poll(() => isInSight(page, 'A manticore')).toBe(true);
    await page.goForward();
    await expect.poll(() => isInSight(page, `Line ${LINES - 60}`)).toBe(true);
    // What is not there any more is said, and no place at all is none.
    await page.goto(`${server.url}/c/${chat_id}?at=999999`);
    await page.getByText('This message is not in the chat any more.').waitFor();
    await page.goto(`${server.url}/c/${chat_id}?at=-1e9`);
    await expect.poll(() => isInSight(page, `Line ${LINES - 1}`)).toBe(true);
  });

  it('is used with keys alone, and gives its results page by page', async () => {
    const server = await pageServer();
    for (const title of ['Basilisk one', 'Basilisk two'])
      await server.client.createChat({
        title,
        conversation: Array.from({ length: 15 }, (_, index) => userSays(`basilisk ${index}`)),
      });
    const page = await openPage(server);
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await page.keyboard.press('Control+k');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('search');
    await page.keyboard.insertText('basilisk');
    const results = section(page).getByRole('link');
    await expect.poll(() => results.count()).toBeGreaterThan(10);
    const first = await results.count();
    await page.getByRole('button', { name: 'More results' }).click();
    await expect.poll(() => results.count()).toBe(30);
    expect(first).toBeLessThan(30);
    await box(page).press('ArrowDown');
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    expect(await focused()).toMatch(/^Basilisk/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toContain('basilisk 1');
    await page.keyboard.press('Enter');
    await marked(page).waitFor();
    expect(page.url()).toMatch(/\?at=\d+$/);
    await page.keyboard.press('Control+k');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('search');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    expect(await box(page).inputValue()).toBe('');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
    await expect.poll(() => section(page).count()).toBe(0);
    await box(page).fill('chimaera');
    await page.getByText('Nothing that was said fits.').waitFor();
    await box(page).press('Escape');
    expect(await box(page).inputValue()).toBe('');
  });
});
