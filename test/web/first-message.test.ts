import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { newPerson, pageServer, preparePage, say } from './page-server.ts';

const ITEMS = 2_000;

beforeAll(preparePage);

async function openLongChat(): Promise<{ page: Page; pages: string[] }> {
  const server = await pageServer();
  const conversation = Array.from({ length: ITEMS }, (_, index) => ({
    role: 'user',
    content: `Line ${index}`,
  }));
  const { chat_id } = await server.client.createChat({ title: 'Long', conversation });
  const page = await (await newPerson()).newPage();
  const pages: string[] = [];
  page.on('request', (request) => request.url().includes('/items') && pages.push(request.url()));
  await page.goto(`${server.url}/c/${chat_id}`);
  await line(page, ITEMS - 1).waitFor();
  return { page, pages };
}

const line = (page: Page, index: number) => page.getByText(`Line ${index}`, { exact: true });

/** Whether it is in sight: what is drawn far away counts as visible otherwise. */
async function isInSight(page: Page, index: number): Promise<boolean> {
  if ((await line(page, index).count()) === 0) return false;
  const [at, log] = [await line(page, index).boundingBox(), await page.getByRole('log').boundingBox()];
  return at !== null && log !== null && at.y + at.height > log.y && at.y < log.y + log.height;
}

describe('the first message', () => {
  it('is one click away, however many lie between, and what follows comes as it is read', async () => {
    const { page, pages } = await openLongChat();
    const before = pages.length;
    await page.getByRole('button', { name: 'Go to the first message' }).click();
    await expect.poll(() => isInSight(page, 0)).toBe(true);
    // Not all that lies between.
    expect(pages.length - before).toBeLessThanOrEqual(4);
    expect(await line(page, ITEMS - 1).count()).toBe(0);
    await expect
      .poll(async () => {
        await page.getByRole('log').hover();
        await page.mouse.wheel(0, 2_000);
        return (await line(page, 350).count()) > 0;
      })
      .toBe(true);
    await page.getByRole('button', { name: 'Go to the newest message' }).click();
    await expect.poll(() => isInSight(page, ITEMS - 1)).toBe(true);
    await say(page, 'And so it ends');
    await page.getByText('Well met!').waitFor();
  });

  it('is reached by keys, and so is the newest one', async () => {
    const { page } = await openLongChat();
    const box = page.getByLabel('Message', { exact: true });
    await box.fill('Half a sentence');
    await page.keyboard.press('Control+Home');
    expect(await page.evaluate("document.getElementById('message').selectionStart")).toBe(0);
    expect(await isInSight(page, 0)).toBe(false);
    await box.fill('');
    await page.keyboard.press('Control+Home');
    await expect.poll(() => isInSight(page, 0)).toBe(true);
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('log');
    await page.keyboard.press('Control+End');
    await expect.poll(() => isInSight(page, ITEMS - 1)).toBe(true);
  });

  it('leaves what is said at its place: at the end, or instead of what it replaces', async () => {
    const { page } = await openLongChat();
    await page.getByRole('button', { name: 'Go to the first message' }).click();
    await expect.poll(() => isInSight(page, 0)).toBe(true);
    await say(page, 'At the end');
    await page.getByText('Well met!').waitFor();
    expect(await line(page, ITEMS - 1).count()).toBe(1);
    await page.getByRole('button', { name: 'Go to the first message' }).click();
    await expect.poll(() => isInSight(page, 2)).toBe(true);
    await line(page, 2).hover();
    await page.getByRole('button', { name: 'Edit and send again' }).nth(2).click();
    await page.getByLabel('Edit the message').fill('Line two');
    await page.keyboard.press('Enter');
    await page.getByText('Well met!').waitFor();
    await line(page, 1).waitFor();
    await expect.poll(() => page.locator('.message').count()).toBe(4);
  });
});
