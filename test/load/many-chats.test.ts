import { beforeAll, describe, expect, it } from 'vitest';
import { onElement, openPage, preparePage, startPageServer } from '../web/page-server.ts';

const CHATS = 2_000;
const IS_DRAWN = onElement<number>(
  `(list) => [...list.querySelectorAll('.chat-row > a')].filter((link) => link.checkVisibility({ contentVisibilityAuto: true })).length`,
);

beforeAll(preparePage);

describe('a list of 2,000 chats', () => {
  it('draws those in sight, and is walked through from end to end', async () => {
    const server = await startPageServer();
    for (let made = 0; made < CHATS; made += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, index) => server.client.createChat({ title: `Chat ${made + index}` })),
      );
    const page = await openPage(server);
    const list = page.locator('.chat-list');
    const links = list.locator('.chat-row a');
    await links.first().focus();
    await expect
      .poll(async () => {
        await page.keyboard.press('End');
        return links.count();
      })
      .toBe(CHATS);
    await page.keyboard.press('End');
    expect(await list.evaluate(IS_DRAWN)).toBeLessThan(100);
    await expect
      .poll(() => links.last().evaluate(onElement<boolean>('(link) => link === document.activeElement')))
      .toBe(true);
    await page.keyboard.press('Home');
    await expect.poll(() => list.evaluate(onElement<number>('(list) => list.scrollTop'))).toBeLessThan(100);
    expect(await list.evaluate(IS_DRAWN)).toBeLessThan(100);
  });
});
