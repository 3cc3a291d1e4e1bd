import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  onElement,
  openPage,
  type PageServer,
  pageServer,
  preparePage,
  say,
  startPageServer,
} from './page-server.ts';

beforeAll(preparePage);

/** What has the focus, by its name. */
const focused = (page: Page) =>
  page.evaluate(`(() => {
    const at = document.activeElement;
    return at === document.body ? 'nothing' : at.getAttribute('aria-label') ?? at.textContent;
  })()`);

describe('the list of chats by keyboard', () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await startPageServer();
    for (const title of ['Fifth', 'Fourth', 'Third', 'Second', 'First'])
      await server.client.createChat({ title });
  });

  it('is one stop; arrows, Home and End lead through it, and Enter opens', async () => {
    const page = await openPage(server);
    await page.getByRole('link', { name: 'First' }).waitFor();
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('First');
    for (const [key, name] of [
      ['ArrowDown', 'Second'],
      ['ArrowDown', 'Third'],
      ['ArrowUp', 'Second'],
      ['End', 'Fifth'],
      ['ArrowDown', 'Fifth'],
      ['Home', 'First'],
      ['ArrowRight', 'Pin First'],
      ['ArrowRight', 'Rename First'],
      ['ArrowRight', 'Archive First'],
      ['ArrowRight', 'Delete First'],
      ['ArrowLeft', 'Archive First'],
      ['ArrowDown', 'Second'],
    ] as const) {
      await page.keyboard.press(key);
      expect([key, await focused(page)]).toEqual([key, name]);
    }
    await page.keyboard.press('Tab');
    expect(await focused(page)).toContain('Archived chats');
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toBe('Second');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Second', level: 1 }).waitFor();
  });

  it('keeps the focus over a rename, a deletion and its undo', async () => {
    const page = await openPage(server);
    await page.getByRole('link', { name: 'Third' }).focus();
    for (const key of ['Escape', 'Enter']) {
      await page.keyboard.press('F2');
      await page.getByLabel('Title of the chat').fill('Third');
      await page.keyboard.press(key);
      await expect.poll(() => focused(page)).toBe('Third');
    }
    await page.keyboard.press('Delete');
    await page.getByText('“Third” was deleted.').waitFor();
    await expect.poll(() => focused(page)).toBe('Fourth');
    await page.getByRole('button', { name: 'Undo' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Third' }).waitFor();
    await expect.poll(() => focused(page)).not.toBe('nothing');
  });
});

describe('a message by keyboard', () => {
  it('keeps the focus over editing and answering again', async () => {
    let answers = 0;
    const page = await openPage(await pageServer(() => ({ text: `Answer ${++answers}.` })));
    await say(page, 'A question');
    await page.getByText('Answer 1.').waitFor();
    const edit = page.getByRole('button', { name: 'Edit and send again' });
    await edit.focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Edit the message').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('Edit and send again');
    await page.getByRole('button', { name: 'Answer again' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Answer 2.').waitFor();
    expect(await focused(page)).toBe('Message');
    await edit.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type(' and more');
    await page.keyboard.press('Enter');
    await page.getByText('Answer 3.').waitFor();
    expect(await focused(page)).toBe('Message');
  });
});

describe('Enter for an input method', () => {
  /** What a browser says of an Enter that chooses a word: Chromium and Firefox while composing, Safari after it. */
  const presses = [
    ['while it composes', { isComposing: true, keyCode: 13 }],
    ['that Safari tells of after it', { isComposing: false, keyCode: 229 }],
  ] as const;

  const press = (page: Page, label: string, how: object) =>
    page.getByLabel(label, { exact: true }).evaluate(
      onElement(`(node, how) =>
        node.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...how }))`),
      how,
    );

  it.each(presses)('%s sends no message, keeps no title and ends no edit', async (_name, how) => {
    const server = await pageServer();
    const page = await openPage(server);
    const box = page.getByLabel('Message', { exact: true });
    await box.fill('にほん');
    await press(page, 'Message', how);
    expect(await box.inputValue()).toBe('にほん');
    await box.press('Enter');
    await page.getByText('Well met!').waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    await page.getByRole('button', { name: 'Edit and send again' }).click();
    await press(page, 'Edit the message', how);
    expect(await page.getByLabel('Edit the message').count()).toBe(1);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.chat-row[data-current=true] a').focus();
    await page.keyboard.press('F2');
    await press(page, 'Title of the chat', how);
    expect(await page.getByLabel('Title of the chat').count()).toBe(1);
  });
});
