import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPage, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

const thumb = (page: Page, name: 'Good answer' | 'Bad answer') => page.getByRole('button', { name }).last();
const isPressed = (page: Page, name: 'Good answer' | 'Bad answer') =>
  thumb(page, name).getAttribute('aria-pressed');

describe('what the person thinks of an answer', () => {
  it('is a thumb with words, kept over a reload, shown in another tab, and taken back by the same thumb', async () => {
    const server = await pageServer();
    const page = await openPage(server);
    await say(page, 'Tell me');
    await thumb(page, 'Bad answer').click();
    await expect.poll(() => isPressed(page, 'Bad answer')).toBe('true');
    await page.getByLabel('Why? (optional)').fill('The dragon was <asleep>');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'The dragon was <asleep>' }).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'The dragon was <asleep>' }).waitFor();
    expect(await isPressed(other, 'Bad answer')).toBe('true');
    await thumb(page, 'Good answer').click();
    await expect.poll(() => isPressed(other, 'Good answer')).toBe('true');
    expect(await isPressed(other, 'Bad answer')).toBe('false');
    await page.reload();
    await thumb(page, 'Good answer').waitFor();
    expect(await isPressed(page, 'Good answer')).toBe('true');
    await thumb(page, 'Good answer').click();
    await expect.poll(() => isPressed(other, 'Good answer')).toBe('false');
    const chatId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const { items } = await server.client.listItems(chatId);
    expect(items.map(({ feedback }) => feedback)).toEqual(items.map(() => null));
  });

  it('goes back to what it was where the server does not take it', async () => {
    const page = await openPage(await pageServer());
    await say(page, 'Tell me');
    await thumb(page, 'Good answer').waitFor();
    await page.route('**/feedback', (route) => route.abort());
    await thumb(page, 'Good answer').click();
    await page.locator('.thread-note').getByText('The server cannot be reached.').waitFor();
    expect(await isPressed(page, 'Good answer')).toBe('false');
  });

  it('is asked of whole answers only, and of its last words where tools came before', async () => {
    const server = await pageServer((input) =>
      input.at(-1)?.type === 'function_call_output'
        ? { text: 'Rolled well.' }
        : { text: 'I roll.', calls: [{ name: 'roll_dice', args: { notation: '3d6' } }] },
    );
    const page = await openPage(server);
    await say(page, 'Roll');
    await page.getByText('Rolled well.').waitFor();
    await thumb(page, 'Good answer').click();
    await expect.poll(() => isPressed(page, 'Good answer')).toBe('true');
    const chatId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const rated = async () => {
      const { items } = await server.client.listItems(chatId);
      return items
        .filter(({ feedback }) => feedback !== null)
        .map(({ item }) => JSON.stringify(item.content));
    };
    await expect.poll(rated).toEqual([expect.stringContaining('Rolled well.')]);
    server.model.script = () => ({ text: 'An answer on its way and', hangAfter: 3 });
    await say(page, 'More');
    await page.getByText('An answer on').waitFor();
    expect(await page.getByRole('button', { name: 'Good answer' }).count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();
  });
});

describe('what answers cost', () => {
  it('stands beside each, and together in the menu of the chat', async () => {
    const page = await openPage(await pageServer());
    await say(page, 'One');
    await page.locator('.message .usage').waitFor();
    await say(page, 'Two');
    await expect.poll(() => page.locator('.message .usage').count()).toBe(2);
    const [first, second] = await page.locator('.message .usage').allTextContents();
    expect(first).toMatch(/^[\d,]+ tokens in, [\d,]+ out · [\d.]+ sec$/);
    const numbers = (text = '') =>
      (text.match(/[\d,]+/g) ?? []).slice(0, 2).map((part) => Number(part.replace(',', '')));
    await page.getByLabel('Export this chat').click();
    const [all] = await page.locator('.menu .usage').allTextContents();
    const [a, b] = [numbers(first), numbers(second)];
    expect(numbers(all)).toEqual([(a[0] ?? 0) + (b[0] ?? 0), (a[1] ?? 0) + (b[1] ?? 0)]);
  });
});
