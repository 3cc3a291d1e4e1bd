import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPage, pageServer, preparePage } from './page-server.ts';

beforeAll(preparePage);

/** The name of what has the focus; undefined: nothing has. */
const focused = (page: Page) =>
  page.evaluate<string | undefined>(`(() => {
    const at = document.activeElement;
    if (at === null || at === document.body || at === document.documentElement) return undefined;
    return at.labels?.[0]?.textContent || at.getAttribute('aria-label') || at.textContent;
  })()`);

/** Presses a key until what is named has the focus, as a person does who looks for it. */
async function walkTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const seen: unknown[] = [];
  for (let steps = 0; steps < 60; steps++) {
    const at = await focused(page);
    if (at !== undefined && name.test(at)) return;
    seen.push(at);
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${name}, but to ${seen.join(', ')}`);
}

/** Presses a key, then waits for what it does; the focus is somewhere. */
async function press(page: Page, key: string, done: () => Promise<unknown>): Promise<void> {
  await page.keyboard.press(key);
  await done();
  await expect.poll(() => focused(page), { message: `after ${key}` }).toBeDefined();
}

describe('a tour by keyboard alone', () => {
  it('leads through everything, and never loses the focus', async () => {
    const server = await pageServer(() => ({ text: 'An answer that waits for ever and', hangAfter: 4 }));
    await server.client.createChat({ title: 'Beside it' });
    const page = await openPage(server);
    const text = (shown: string) => () => page.getByText(shown).first().waitFor();
    const title = (name: string) => () => page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await expect.poll(() => focused(page)).toBe('Message');
    await page.keyboard.type('First question');
    await press(page, 'Enter', text('An answer that waits'));
    await press(page, 'Escape', text('You stopped this answer.'));
    // Another wording, and back to the first one.
    server.model.script = () => ({ text: 'The second answer.' });
    await walkTo(page, /^Edit and send again$/, 'Shift+Tab');
    await press(page, 'Enter', () => page.getByLabel('Edit the message').waitFor());
    await press(page, 'Escape', () => page.getByLabel('Edit the message').waitFor({ state: 'detached' }));
    await walkTo(page, /^Edit and send again$/, 'Shift+Tab');
    await press(page, 'Enter', () => page.getByLabel('Edit the message').waitFor());
    await page.keyboard.press('End');
    await page.keyboard.type(', asked better');
    await press(page, 'Enter', text('The second answer.'));
    // While the answer is written, there is no switching.
    await page.locator('[aria-label="Previous version"][aria-disabled="false"]').waitFor();
    await walkTo(page, /^Previous version$/, 'Shift+Tab');
    await press(page, 'Enter', () => page.getByText('1 / 2').waitFor());
    await walkTo(page, /^Next version$/);
    await press(page, 'Enter', () => page.getByText('2 / 2').waitFor());
    // A call that waits for a decision.
    server.model.script = (input) =>
      input.at(-1)?.type === 'function_call_output'
        ? { text: 'It is gone.' }
        : { calls: [{ name: 'delete_note', args: { note_id: 'n1' } }] };
    await walkTo(page, /^Message$/);
    await page.keyboard.type('Delete the note n1');
    await press(page, 'Enter', () => page.getByRole('button', { name: 'Approve' }).waitFor());
    await walkTo(page, /^Approve$/, 'Shift+Tab');
    await press(page, 'Enter', text('It is gone.'));
    // The chat leaves as a file.
    await walkTo(page, /^Export this chat$/, 'Shift+Tab');
    await press(page, 'Enter', text('Export as Markdown'));
    await walkTo(page, /^Export as JSON$/);
    await savesBy(page, () => press(page, 'Enter', () => Promise.resolve()));
    // Its title, its deletion and its return.
    await press(page, 'Control+Shift+O', title('New chat'));
    await walkTo(page, /^First question$/, 'Shift+Tab');
    await press(page, 'F2', () => page.getByLabel('Title of the chat').waitFor());
    await page.keyboard.type('A tour');
    await press(page, 'Enter', () => page.getByRole('link', { name: 'A tour' }).waitFor());
    await expect.poll(() => focused(page)).toBe('A tour');
    await press(page, 'Delete', text('“A tour” was deleted.'));
    await walkTo(page, /^Undo$/);
    await press(page, 'Enter', () => page.getByRole('link', { name: 'A tour' }).waitFor());
    // It is found again.
    await press(page, 'Control+k', () =>
      expect.poll(() => focused(page)).toContain('Search titles and conversations'),
    );
    await page.keyboard.insertText('a tour');
    await expect.poll(() => page.locator('.chat-row').count()).toBe(1);
    await walkTo(page, /^A tour$/);
    await press(page, 'Enter', title('A tour'));
    // The settings, from where they were opened and back.
    await press(page, 'Control+,', () => page.getByRole('dialog', { name: 'Settings' }).waitFor());
    await walkTo(page, /^Theme/);
    await press(page, 'ArrowDown', () =>
      expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('light'),
    );
    await walkTo(page, /^Keyboard shortcuts$/);
    await press(page, 'Enter', () => page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor());
    await press(page, 'Escape', () => page.getByRole('dialog').nth(1).waitFor({ state: 'detached' }));
    await press(page, 'Escape', () => page.getByRole('dialog').waitFor({ state: 'detached' }));
    expect(await focused(page)).toBe('Message');
  });
});

/** Whether something is saved as a file: what the page makes of it, as not every driver tells of downloads. */
async function savesBy(page: Page, act: () => Promise<void>): Promise<void> {
  await page.evaluate(`(() => {
    const create = URL.createObjectURL;
    URL.createObjectURL = (blob) => { window.savedBytes = blob.size; return create.call(URL, blob); };
  })()`);
  await act();
  await expect.poll(() => page.evaluate('window.savedBytes ?? 0')).toBeGreaterThan(0);
}
