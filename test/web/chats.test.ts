import { beforeAll, describe, expect, it } from 'vitest';
import { openPage, type PageServer, say, startPageServer } from './page-server.ts';

describe('the list of chats', () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await startPageServer();
  });

  /** One user has all chats: each test begins with none. */
  const withChats = async (...titles: readonly string[]) => {
    for (;;) {
      const { chats } = await server.client.listChats({ state: 'all' });
      if (chats.length === 0) break;
      for (const { chat_id } of chats) await server.client.deleteChat(chat_id, { permanent: true });
    }
    const made: string[] = [];
    for (const title of titles) made.push((await server.client.createChat({ title })).chat_id);
    return made;
  };

  it('is in day groups, newest activity first, and says so when it is empty', async () => {
    await withChats();
    const page = await openPage(server);
    await page.getByText('Your chats will be listed here.').waitFor();
    await withChats('Oldest', 'Middle', 'Newest');
    await page.reload();
    const today = page.getByRole('region', { name: 'Today' });
    await today.getByRole('link', { name: 'Newest' }).waitFor();
    expect(await today.getByRole('link').allTextContents()).toEqual(['Newest', 'Middle', 'Oldest']);
    await today.getByRole('link', { name: 'Oldest' }).click();
    await page.getByRole('heading', { name: 'Oldest', level: 1 }).waitFor();
    await say(page, 'Hello');
    await expect
      .poll(() => today.getByRole('link').allTextContents())
      .toEqual(['Oldest', 'Newest', 'Middle']);
  });

  it('goes on without end when it is scrolled', async () => {
    const titles = Array.from({ length: 95 }, (_, index) => `Chat ${index}`);
    await withChats(...titles);
    const page = await openPage(server);
    const links = page.locator('.chat-row a');
    await expect.poll(() => links.count()).toBeGreaterThan(30);
    expect(await links.count()).toBeLessThan(95);
    await expect
      .poll(async () => {
        await links.last().scrollIntoViewIfNeeded();
        return links.count();
      })
      .toBe(95);
    expect(await links.allTextContents()).toEqual(titles.toReversed());
  });

  it('is searched by title', async () => {
    await withChats('The Sunless Citadel', 'Taverns', 'citadel 2');
    const page = await openPage(server);
    await page.getByRole('link', { name: 'Taverns' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('CITA');
    const links = page.locator('.chat-row a');
    await expect.poll(() => links.allTextContents()).toEqual(['citadel 2', 'The Sunless Citadel']);
    await page.keyboard.type('xyz');
    await page.getByText('No title contains “CITAxyz”.').waitFor();
    await page.getByRole('searchbox').fill('');
    await expect.poll(() => links.count()).toBe(3);
  });

  it('is not needed for the title of the chat that is open', async () => {
    const titles = Array.from({ length: 45 }, (_, index) => `Chat ${index}`);
    const [oldest = ''] = await withChats('Beyond the list', ...titles);
    const page = await openPage(server, `/c/${oldest}`);
    await page.getByRole('heading', { name: 'Beyond the list', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Chat 44' }).waitFor();
    expect(await page.getByRole('link', { name: 'Beyond the list' }).count()).toBe(0);
    expect(await page.title()).toBe('Beyond the list · Questlog');
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByText('No title contains').waitFor();
    await server.client.updateChat(oldest, { title: 'Renamed elsewhere' });
    await page.getByRole('heading', { name: 'Renamed elsewhere', level: 1 }).waitFor();
  });

  it('renames a chat in place', async () => {
    const [chatId = ''] = await withChats('Old title');
    const page = await openPage(server, `/c/${chatId}`);
    await page.getByRole('link', { name: 'Old title' }).focus();
    await page.keyboard.press('F2');
    await page.getByLabel('Title of the chat').fill('New title');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Old title' }).hover();
    await page.getByRole('button', { name: 'Rename Old title' }).click();
    await page.getByLabel('Title of the chat').fill('New title');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New title', level: 1 }).waitFor();
    await expect.poll(async () => (await server.client.getChat(chatId)).title).toBe('New title');
    await page.getByRole('link', { name: 'New title' }).waitFor();
  });

  it('deletes with undo', async () => {
    const [chatId = ''] = await withChats('Doomed');
    const page = await openPage(server, `/c/${chatId}`);
    await page.getByRole('link', { name: 'Doomed' }).hover();
    await page.getByRole('button', { name: 'Delete Doomed' }).click();
    await page.getByText('“Doomed” was deleted.').waitFor();
    expect(await page.getByRole('link', { name: 'Doomed' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'Doomed' }).waitFor();
    await page.getByRole('heading', { name: 'Doomed', level: 1 }).waitFor();
    expect((await server.client.getChat(chatId)).is_active).toBe(true);
  });

  it('gives deleted chats back, and removes them for good only when asked twice', async () => {
    const [first = '', second = ''] = await withChats('First', 'Second');
    for (const chatId of [first, second]) await server.client.deleteChat(chatId);
    const page = await openPage(server);
    await page.getByRole('button', { name: 'Deleted chats' }).click();
    await page.getByRole('button', { name: 'Restore First' }).click();
    await page.getByRole('heading', { name: 'First', level: 1 }).waitFor();
    await page.goBack();
    const forever = page.getByRole('button', { name: 'Delete forever Second' });
    await forever.click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await forever.count()).toBe(1);
    await forever.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete forever' }).click();
    await page.getByText('Nothing here').waitFor();
    await expect
      .poll(() =>
        server.client.listChats({ state: 'all' }).then(({ chats }) => chats.map(({ title }) => title)),
      )
      .toEqual(['First']);
  });

  it('gives every chat an address; back and forward lead through them', async () => {
    await withChats('One', 'Two');
    const page = await openPage(server);
    const title = (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByRole('link', { name: 'One' }).click();
    await title('One');
    await page.getByRole('link', { name: 'Two' }).click();
    await title('Two');
    await page.goBack();
    await title('One');
    await page.goBack();
    await title('New chat');
    await page.goForward();
    await title('One');
    await page.reload();
    await title('One');
    await page.goto(`${server.url}/c/nobody-has-this`);
    await page.getByText('There is no such chat').waitFor();
  });
});
