import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { IS_FIREFOX } from './browser.ts';
import { openPage, pageServer, preparePage, say } from './page-server.ts';
import { startTokenServer } from './token-server.ts';

beforeAll(preparePage);

const LIGHT = { colorScheme: 'light' } as const;

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByLabel(label).selectOption({ label: option });
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** The theme in which the page is drawn. */
const themeOf = (page: Page) =>
  page.evaluate<string>(`(() => {
    const [r] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
    return r > 128 ? 'light' : 'dark';
  })()`);

describe('the settings', () => {
  it('a theme is shown at once, in every tab, and before anything is painted', async () => {
    const server = await pageServer();
    const page = await openPage(server, '/', LIGHT);
    const other = await page.context().newPage();
    await other.goto(server.url);
    expect(await themeOf(page)).toBe('light');
    await choose(page, 'Theme', 'Dark');
    await expect.poll(() => themeOf(page)).toBe('dark');
    await expect.poll(() => themeOf(other)).toBe('dark');
    // The page itself never comes: what is painted is painted without it.
    await other.route('**/assets/index-*.js', () => undefined);
    await other.goto(server.url, { waitUntil: 'commit' });
    await other.locator('body').waitFor({ state: 'attached' });
    expect(await themeOf(other)).toBe('dark');
    expect(await other.locator('#root > *').count()).toBe(0);
    await choose(page, 'Theme', 'As the system');
    await expect.poll(() => themeOf(page)).toBe('light');
    if (IS_FIREFOX) return;
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => themeOf(page)).toBe('dark');
  });

  it('the bar of the browser has the color of the theme', async () => {
    const page = await openPage(await pageServer(), '/', LIGHT);
    const color = () =>
      page.evaluate(`[...document.querySelectorAll('meta[name=theme-color]')]
        .find(({ media }) => matchMedia(media).matches).content`);
    expect(await color()).toBe('#fbfaf8');
    await choose(page, 'Theme', 'Dark');
    expect(await color()).toBe('#1a1918');
  });

  it('a size of text is that of all text, also after a reload', async () => {
    const page = await openPage(await pageServer());
    await say(page, 'Hello');
    await page.getByText('Well met!').waitFor();
    const sizes = () =>
      page.evaluate<number[]>(`['.message p', '.new-chat', '.bar h1', '#message'].map((selector) =>
        parseFloat(getComputedStyle(document.querySelector(selector)).fontSize))`);
    const before = await sizes();
    await choose(page, 'Text size', 'Very large');
    const larger = before.map((size) => Math.round(size * 13.125) / 10);
    const rounded = async () => (await sizes()).map((size) => Math.round(size * 10) / 10);
    await expect.poll(rounded).toEqual(larger);
    await page.reload();
    await page.getByText('Well met!').waitFor();
    expect(await rounded()).toEqual(larger);
    await page.setViewportSize({ width: 360, height: 640 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  it('a language is spoken at once, and by the name that its speakers give it', async () => {
    const page = await openPage(await pageServer());
    await page.getByLabel('Message', { exact: true }).fill('Half a sentence');
    await choose(page, 'Language', 'Deutsch');
    await page.getByRole('button', { name: 'Einstellungen' }).waitFor();
    expect(await page.getByLabel('Nachricht', { exact: true }).inputValue()).toBe('Half a sentence');
  });

  it('Enter makes a new line where Ctrl and Enter send, and an input method keeps its keys', async () => {
    const page = await openPage(await pageServer());
    await choose(page, 'Send with', 'Ctrl+Enter');
    const box = page.getByLabel('Message', { exact: true });
    await box.fill('First');
    await page.keyboard.press('Enter');
    await page.keyboard.type('second');
    expect(await box.inputValue()).toBe('First\nsecond');
    const pressAsComposed = (init: object) =>
      page.evaluate(
        `document.getElementById('message').dispatchEvent(new KeyboardEvent('keydown', {
          key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true, ...${JSON.stringify(init)} }))`,
      );
    await pressAsComposed({ isComposing: true });
    await pressAsComposed({ keyCode: 229 });
    expect(await box.inputValue()).toBe('First\nsecond');
    expect(await page.getByRole('button', { name: 'Send' }).getAttribute('title')).toBe('Send (Ctrl+Enter)');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Well met!').waitFor();
    expect(await page.locator('.said').textContent()).toBe('First\nsecond');
  });

  it('what is kept that is no choice is none, and what is chosen stays when the person signs out', async () => {
    const { provider, server } = await startTokenServer();
    const page = await openPage(server, '/', LIGHT);
    await page.evaluate(
      `localStorage.setItem('questlog:settings', '{"theme":7,"language":"xx","sendKey":null,"more":1}')`,
    );
    await page.reload();
    await page.getByLabel('Access token').fill(await provider.sign({ userId: 'robin' }));
    await page.keyboard.press('Enter');
    await choose(page, 'Theme', 'Dark');
    await say(page, 'Hello');
    await page.getByText('Well met!').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    expect(await themeOf(page)).toBe('dark');
    expect(await page.evaluate('Object.keys(localStorage)')).toEqual(['questlog:settings']);
  });
});
