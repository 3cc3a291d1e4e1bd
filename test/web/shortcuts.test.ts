import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { onElement, openPage, pageServer, preparePage } from './page-server.ts';

beforeAll(preparePage);

const list = (page: Page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' });

/** At once: what the page does with the focus after a dialog comes neither between nor before. */
const PRESS_HERE = `(element, init) => {
  element.focus();
  element.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }));
}`;

/** Presses what a keyboard of another layout would say, where the focus is. */
async function press(page: Page, init: object): Promise<void> {
  await page.evaluate(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown',
    { bubbles: true, cancelable: true, ...${JSON.stringify(init)} }))`);
}

describe('shortcuts', () => {
  it('are listed by a question mark of any layout, but not while something is written', async () => {
    const page = await openPage(await pageServer());
    // What is fetched to begin with is there.
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await page.waitForLoadState('networkidle');
    const box = page.getByLabel('Message', { exact: true });
    await box.pressSequentially('Why?');
    expect(await box.inputValue()).toBe('Why?');
    expect(await list(page).count()).toBe(0);
    const settings = page.getByRole('button', { name: 'Settings' });
    for (const init of [
      { key: '?', code: 'Slash', shiftKey: true },
      { key: '?', code: 'Minus', shiftKey: true },
      { key: '?', code: 'KeyM', shiftKey: false },
      { key: '؟', code: 'Slash', shiftKey: true },
    ]) {
      await settings.evaluate(onElement(PRESS_HERE), init);
      await list(page).waitFor();
      await page.keyboard.press('Escape');
      await list(page).waitFor({ state: 'detached' });
      // The focus is where it was.
      await expect.poll(() => page.evaluate('document.activeElement.textContent.trim()')).toBe('Settings');
    }
  });

  it('of a single key can be turned off, and are not listed then', async () => {
    const page = await openPage(await pageServer());
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Shortcuts of a single key').selectOption({ label: 'Off' });
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await list(page).waitFor();
    const keys = await list(page).locator('kbd').allTextContents();
    expect(keys).toContain('Ctrl+K');
    expect(keys).not.toContain('?');
    await page.keyboard.press('Escape');
    await list(page).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Settings' }).press('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('do what the list says, in every script, and nothing behind a dialog', async () => {
    const server = await pageServer();
    const { chat_id } = await server.client.createChat({ title: 'Here' });
    const page = await openPage(server, `/c/${chat_id}`);
    await page.getByRole('heading', { name: 'Here', level: 1 }).waitFor();
    await page.keyboard.press('Control+,');
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.waitFor();
    await page.keyboard.press('Control+Shift+O');
    await page.keyboard.press('Control+,');
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
    await settings.waitFor({ state: 'detached' });
    expect(await page.getByRole('heading', { name: 'Here', level: 1 }).count()).toBe(1);
    // On a Russian layout the letter of the key is another one, on a German one the key of Z is that of Y.
    await press(page, { key: 'л', code: 'KeyK', ctrlKey: true });
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('search');
    await page.getByLabel('Message', { exact: true }).focus();
    await press(page, { key: 'j', code: 'KeyK', ctrlKey: true });
    // With AltGr a key writes something.
    await press(page, { key: 'k', code: 'KeyK', ctrlKey: true, altKey: true });
    expect(await page.evaluate('document.activeElement.id')).toBe('message');
    await press(page, { key: 'щ', code: 'KeyO', ctrlKey: true, shiftKey: true });
    await page.getByRole('heading', { name: 'New chat', level: 1 }).waitFor();
  });

  it('are named as on the keyboard of the person', async () => {
    const page = await openPage(await pageServer(), '/', { locale: 'de-DE' });
    expect(await page.getByRole('searchbox').getAttribute('title')).toBe('Strg+K');
    const context = await openPage(await pageServer()).then((opened) => opened.context());
    await context.addInitScript(`Object.defineProperty(navigator, 'platform', { value: 'MacIntel' })`);
    const mac = await context.newPage();
    await mac.goto(page.url());
    expect(await mac.getByRole('searchbox').getAttribute('title')).toBe('⌘+K');
    await mac.keyboard.press('Meta+k');
    await expect.poll(() => mac.evaluate('document.activeElement.id')).toBe('search');
    await mac.getByLabel('Message', { exact: true }).focus();
    // There it deletes up to the end of the line.
    await mac.keyboard.press('Control+k');
    expect(await mac.evaluate('document.activeElement.id')).toBe('message');
  });
});
