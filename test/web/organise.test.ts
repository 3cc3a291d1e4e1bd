import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { openPage, type PageServer, preparePage, startPageServer } from './page-server.ts';

let server: PageServer;

beforeAll(async () => {
  [server] = await Promise.all([startPageServer(), preparePage()]);
});

/** One user has all chats: each test begins with none. */
async function withChats(...titles: readonly string[]): Promise<string[]> {
  for (;;) {
    const { chats } = await server.client.listChats({ state: 'all' });
    if (chats.length === 0) break;
    for (const { chat_id } of chats) await server.client.deleteChat(chat_id, { permanent: true });
  }
  const made: string[] = [];
  for (const title of titles) made.push((await server.client.createChat({ title })).chat_id);
  return made;
}

const manyTitles = (count: number) => Array.from({ length: count }, (_, index) => `Chat ${index}`);
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
const pinned = (page: Page) => page.getByRole('region', { name: 'Pinned' }).getByRole('link');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const focused = (page: Page) => page.evaluate('document.activeElement.textContent');

/** What the page asks of the list, from now on. */
function listsAskedBy(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname === '/chats') asked.push(search);
  });
  return asked;
}

describe('a pinned chat', () => {
  it('stands above the others in every tab, by pointer and by key, and its place in the list is its own', async () => {
    const [first = ''] = await withChats('First', 'Second', 'Third');
    const [page, other] = [await openPage(server), await openPage(server)];
    await link(page, 'First').hover();
    await button(page, 'Pin First').click();
    for (const tab of [page, other])
      await expect.poll(() => pinned(tab).allTextContents()).toEqual(['First']);
    expect((await server.client.getChat(first)).is_pinned).toBe(true);
    await link(page, 'Second').focus();
    await page.keyboard.press('p');
    for (const tab of [page, other])
      await expect.poll(() => pinned(tab).allTextContents()).toEqual(['Second', 'First']);
    await expect.poll(() => focused(page)).toBe('Second');
    expect(await faultsOf(page)).toEqual([]);
    for (const name of ['Second', 'First']) {
      await pinned(page).getByText(name).focus();
      await page.keyboard.press('p');
    }
    for (const tab of [page, other])
      await expect
        .poll(() => tab.getByRole('region', { name: 'Today' }).getByRole('link').allTextContents())
        .toEqual(['Third', 'Second', 'First']);
    expect(await page.locator('[data-unread=true]').count()).toBe(0);
  });

  it('is there however old it is, for one more request, and no other is made for what happens above', async () => {
    const [oldest = '', old = ''] = await withChats(...manyTitles(60));
    await server.client.updateChat(oldest, { is_pinned: true });
    const page = await openPage(server);
    await expect.poll(() => pinned(page).allTextContents()).toEqual(['Chat 0']);
    // What was made before the page is signalled at first.
    await page.waitForLoadState('networkidle');
    const asked = listsAskedBy(page);
    const { chat_id } = await server.client.createChat({ title: 'Newest' });
    await page.getByRole('link', { name: 'Newest' }).waitFor();
    await server.client.updateChat(chat_id, { title: 'Newer still' });
    await page.getByRole('link', { name: 'Newer still' }).waitFor();
    expect(asked.filter((search) => search.includes('pinned'))).toEqual([]);
    expect(await pinned(page).allTextContents()).toEqual(['Chat 0']);
    // What is not on the first page is heard of, too.
    await server.client.updateChat(old, { is_pinned: true });
    await expect.poll(() => pinned(page).allTextContents()).toEqual(['Chat 1', 'Chat 0']);
    await server.client.updateChat(oldest, { title: 'Kept' });
    await expect.poll(() => pinned(page).allTextContents()).toEqual(['Kept', 'Chat 1']);
    await server.client.deleteChat(oldest);
    await expect.poll(() => pinned(page).allTextContents()).toEqual(['Chat 1']);
    await pinned(page).focus();
    await page.keyboard.press('p');
    await expect.poll(() => pinned(page).count()).toBe(0);
    expect((await server.client.getChat(old)).is_pinned).toBe(false);
  });

  it('stays pinned on the page when the server does not take the change back', async () => {
    await withChats('Kept');
    const page = await openPage(server);
    await link(page, 'Kept').waitFor();
    await page.route('**/chats/*', (route) => route.fulfill({ status: 400, body: '{}' }));
    await link(page, 'Kept').focus();
    await page.keyboard.press('p');
    await page.getByText('What is pinned could not be changed.').waitFor();
    await expect.poll(() => pinned(page).count()).toBe(0);
  });
});

describe('an archived chat', () => {
  it('is out of the list, comes back by undo and by its own view, and can be read there', async () => {
    const [tidy = ''] = await withChats('Tidy', 'Other');
    const page = await openPage(server, `/c/${tidy}`);
    await link(page, 'Tidy').focus();
    await page.keyboard.press('a');
    await page.getByText('“Tidy” was archived.').waitFor();
    await page.getByRole('heading', { name: 'New chat', level: 1 }).waitFor();
    await expect.poll(() => page.locator('.chat-row a').allTextContents()).toEqual(['Other']);
    await button(page, 'Undo').click();
    await page.getByRole('heading', { name: 'Tidy', level: 1 }).waitFor();
    expect((await server.client.getChat(tidy)).is_archived).toBe(false);
    await link(page, 'Tidy').hover();
    await button(page, 'Archive Tidy').click();
    await button(page, 'Archived chats').click();
    const view = page.getByRole('main');
    await view.getByRole('link', { name: 'Tidy' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await button(page, 'Unarchive Tidy').click();
    await page.getByText('“Tidy” is in the list again.').waitFor();
    await view.getByText('Nothing here').waitFor();
    await expect.poll(() => page.locator('.chat-row a').allTextContents()).toEqual(['Other', 'Tidy']);
    await button(page, 'Undo').last().click();
    await expect.poll(() => page.locator('.chat-row a').allTextContents()).toEqual(['Other']);
    // Another device puts one away.
    await server.client.createChat({ title: 'Elsewhere', is_archived: true });
    await view.getByRole('link', { name: 'Elsewhere' }).click();
    await page.getByRole('heading', { name: 'Elsewhere', level: 1 }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Archived chats', level: 1 }).waitFor();
  });

  it('is neither archived nor pinned by a single key when those are turned off', async () => {
    await withChats('Steady');
    const page = await openPage(server);
    await page.evaluate(`localStorage.setItem('questlog:settings', '{"singleKeys":"off"}')`);
    await page.reload();
    await link(page, 'Steady').focus();
    for (const key of ['a', 'p', 'F2']) await page.keyboard.press(key);
    await page.getByLabel('Title of the chat').waitFor();
    expect(await pinned(page).count()).toBe(0);
  });
});

describe('a chat that goes on from another', () => {
  it('has what was said up to there, and leads back as long as the other is there', async () => {
    await withChats();
    const conversation = ['One', 'Two', 'Three'].map((content) => ({ role: 'user', content }));
    const { chat_id } = await server.client.createChat({ title: 'The road', conversation });
    const page = await openPage(server, `/c/${chat_id}`);
    const said = page.locator('.said');
    await expect.poll(() => said.allTextContents()).toEqual(['One', 'Two', 'Three']);
    await said.nth(1).hover();
    await button(page, 'Continue from here in a new chat').nth(1).click();
    await expect.poll(() => said.allTextContents()).toEqual(['One', 'Two']);
    expect(page.url()).not.toContain(chat_id);
    const fork = new URL(page.url()).pathname;
    const back = link(page, 'Continued from “The road”');
    await back.waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('message');
    await expect.poll(() => page.locator('.chat-row a').count()).toBe(2);
    expect(await faultsOf(page)).toEqual([]);
    await back.click();
    await expect.poll(() => said.allTextContents()).toEqual(['One', 'Two', 'Three']);
    expect(await page.getByText('Continued from').count()).toBe(0);
    await server.client.deleteChat(chat_id);
    await page.goto(server.url + fork);
    await page.waitForLoadState('networkidle');
    await expect.poll(() => said.allTextContents()).toEqual(['One', 'Two']);
    expect(await page.getByText('Continued from').count()).toBe(0);
  });
});
