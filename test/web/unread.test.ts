import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPage, type PageServer, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

const unread = (page: Page, title: string) => page.getByRole('link', { name: `${title} (unread)` });
const listed = (page: Page, title: string) => page.getByRole('link', { name: title });

/** A chat that somebody else's program has made. */
async function makeChat({ client }: PageServer, title: string): Promise<string> {
  const conversation = [{ role: 'user', content: 'Hello' }];
  return (await client.createChat({ title, conversation })).chat_id;
}

async function appendElsewhere({ client }: PageServer, chatId: string): Promise<void> {
  const { conversation } = await client.getChat(chatId);
  const more = { role: 'user', content: 'From elsewhere' };
  await client.updateChat(chatId, { conversation: [...conversation, more] });
}

describe('a chat in the list', () => {
  it('is marked when something was said in it elsewhere, until it is opened in any tab', async () => {
    const server = await pageServer();
    const first = await makeChat(server, 'First of these');
    const second = await makeChat(server, 'Second of these');
    const page = await openPage(server);
    await listed(page, 'First of these').waitFor();
    expect(await page.locator('[data-unread="true"]').count(), 'at the first visit').toBe(0);
    await appendElsewhere(server, first);
    await unread(page, 'First of these').waitFor();
    await page.reload();
    await unread(page, 'First of these').waitFor();
    const other = await page.context().newPage();
    await other.goto(`${server.url}/c/${second}`);
    await unread(other, 'First of these').click();
    await other.getByText('From elsewhere').waitFor();
    await expect.poll(() => unread(page, 'First of these').count()).toBe(0);
    await page.reload();
    await listed(page, 'First of these').waitFor();
    expect(await unread(page, 'First of these').count()).toBe(0);
    // What comes while it is looked at, in another tab, is no news; while no tab is seen, it is.
    await appendElsewhere(server, first);
    await expect.poll(() => other.getByText('From elsewhere').count()).toBe(2);
    await expect.poll(() => unread(page, 'First of these').count()).toBe(0);
    await setVisible(other, false);
    await appendElsewhere(server, first);
    await unread(page, 'First of these').waitFor();
    await unread(other, 'First of these').waitFor();
    await setVisible(other, true);
    await expect.poll(() => unread(page, 'First of these').count()).toBe(0);
    expect(await unread(other, 'First of these').count()).toBe(0);
  });

  it('is not marked for the own message alone, but for its answer', async () => {
    const server = await pageServer(() => ({ text: 'A long answer that waits', hangAfter: 2 }));
    await makeChat(server, 'Another one');
    const page = await openPage(server);
    const other = await page.context().newPage();
    await other.goto(server.url);
    await listed(other, 'Another one').waitFor();
    await say(page, 'What I ask');
    await page.getByText('A long').waitFor();
    await listed(page, 'Another one').click();
    await page.getByRole('heading', { name: 'Another one', level: 1 }).waitFor();
    const chatId = (await server.client.listChats({ query: 'What I ask' })).chats[0]?.chat_id ?? '';
    await listed(other, 'What I ask').waitFor();
    for (const tab of [page, other]) {
      await expect.poll(() => listed(tab, 'What I ask').count()).toBe(1);
      await expect.poll(() => unread(tab, 'What I ask').count()).toBe(0);
    }
    await page.reload();
    await listed(page, 'What I ask').waitFor();
    expect(await unread(page, 'What I ask').count()).toBe(0);
    const [run] = (await server.client.listRuns(chatId)).runs;
    await server.client.cancelRun(run?.run_id ?? '');
    for (const tab of [page, other]) await unread(tab, 'What I ask').waitFor();
  });

  it('is not marked for another title of the person, and stays marked with it', async () => {
    const server = await pageServer();
    const read = await makeChat(server, 'Read before');
    const news = await makeChat(server, 'News before');
    const page = await openPage(server);
    await listed(page, 'Read before').waitFor();
    await appendElsewhere(server, news);
    await unread(page, 'News before').waitFor();
    for (const [chatId, title] of [
      [read, 'Read'],
      [news, 'News'],
    ] as const) {
      await listed(page, `${title} before`).focus();
      await page.keyboard.press('F2');
      await page.getByLabel('Title of the chat').fill(`${title} after`);
      await page.keyboard.press('Enter');
      await expect.poll(async () => (await server.client.getChat(chatId)).title).toBe(`${title} after`);
    }
    await unread(page, 'News after').waitFor();
    await expect
      .poll(() =>
        page
          .locator('.chat-row a')
          .allTextContents()
          .then((titles) => titles.slice(0, 2)),
      )
      .toEqual(['News after', 'Read after']);
    expect(await unread(page, 'Read after').count()).toBe(0);
  });

  it('that was looked at long ago is kept as one of all those, so that what is kept has a bound', async () => {
    const server = await pageServer();
    const chatId = await makeChat(server, 'One more');
    const page = await openPage(server);
    await listed(page, 'One more').waitFor();
    const kept = Array.from({ length: 300 }, (_, index) => [
      `chat-${index}`,
      `2020-01-01T00:00:00.${100 + index}Z`,
    ]);
    await page.evaluate(
      (text) => new Function('text', 'localStorage["questlog:seen:local"] = text')(text),
      JSON.stringify({ until: '2019-01-01T00:00:00.000Z', chats: kept }),
    );
    await page.reload();
    await unread(page, 'One more').click();
    await page.getByRole('heading', { name: 'One more', level: 1 }).waitFor();
    await expect.poll(() => unread(page, 'One more').count()).toBe(0);
    const text = await page.evaluate<string>('localStorage["questlog:seen:local"]');
    const { until, chats } = JSON.parse(text);
    expect(chats).toHaveLength(300);
    expect(chats[0]).toEqual(kept[1]);
    expect(chats.at(-1)[0]).toBe(chatId);
    expect(until).toBe('2020-01-01T00:00:00.100Z');
  });
});

/** Whether the person sees the tab: the browser of the tests shows all of them. */
async function setVisible(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, 'visibilityState', { value: '${
      isVisible ? 'visible' : 'hidden'
    }', configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
  );
}
