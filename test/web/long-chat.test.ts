import { beforeAll, describe, expect, it } from 'vitest';
import { newPerson, pageServer, preparePage } from './page-server.ts';

const ITEMS = 5_000;

beforeAll(preparePage);

describe('a chat of 5,000 items', () => {
  it('opens with its newest page, and gives all the others as it is scrolled', async () => {
    const server = await pageServer();
    const conversation = Array.from({ length: ITEMS / 2 }, (_, index) => [
      { role: 'user', content: `Question ${index}` },
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          { type: 'output_text', text: `**Answer ${index}**, in some words that fill a line or two.` },
        ],
      },
    ]).flat();
    const { chat_id } = await server.client.createChat({ title: 'Long', conversation });
    const page = await (await newPerson()).newPage();
    const pages: string[] = [];
    page.on('request', (request) => request.url().includes('/items') && pages.push(request.url()));
    await page.goto(`${server.url}/c/${chat_id}`);
    await page.getByText(`Answer ${ITEMS / 2 - 1}`).waitFor();
    // The newest, once more if the live connection comes later than the page, and no older one.
    expect(new Set(pages).size).toBe(1);
    const messages = page.locator('.message');
    expect(await messages.count()).toBe(100);
    // At its end, not at its beginning.
    expect(await page.getByText(`Answer ${ITEMS / 2 - 1}`).isVisible()).toBe(true);

    // As people do, who turn the wheel again when the log has just gone to its end by itself.
    await page.getByRole('log').hover();
    const toNewest = page.getByRole('button', { name: 'Go to the newest message' });
    const scrollUp = async () => {
      await page.mouse.wheel(0, -100_000);
      return (await messages.count()) > 100 && (await toNewest.isVisible());
    };
    await expect.poll(scrollUp).toBe(true);
    await toNewest.click();
    await expect.poll(() => page.getByText(`Answer ${ITEMS / 2 - 1}`).isVisible()).toBe(true);
  });

  it('keeps what is read in its place while older messages come', async () => {
    const server = await pageServer();
    const conversation = Array.from({ length: 400 }, (_, index) => ({
      role: 'user',
      content: `Line ${index}`,
    }));
    const { chat_id } = await server.client.createChat({ conversation });
    const page = await (await newPerson()).newPage();
    await page.goto(`${server.url}/c/${chat_id}`);
    const line = page.getByText('Line 302', { exact: true });
    await line.waitFor();
    await line.scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator('.message').count()).toBeGreaterThan(100);
    await expect.poll(() => line.isVisible()).toBe(true);
    const distance = async () => {
      const [at, log] = [await line.boundingBox(), await page.getByRole('log').boundingBox()];
      return (at?.y ?? 0) - (log?.y ?? 0);
    };
    await expect.poll(distance).toBeGreaterThan(0);
    expect(await distance()).toBeLessThan(600);
  });
});
