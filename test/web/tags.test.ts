import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { newPerson, openPage, type PageServer, preparePage, say, startPageServer } from './page-server.ts';

let server: PageServer;

beforeAll(async () => {
  [server] = await Promise.all([startPageServer(), preparePage()]);
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const rows = (page: Page) => page.locator('.chat-row a').allTextContents();
const filter = (page: Page) => page.getByRole('combobox', { name: 'Which chats are listed, by tag' });
const details = (page: Page) => page.getByRole('button', { name: /^Tags and details/ });
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Tags and details' });

/** @returns the id of the first one. */
async function withChats(
  ...chats: readonly {
    title: string;
    tags?: string[];
    is_pinned?: boolean;
    is_archived?: boolean;
    metadata?: object;
  }[]
): Promise<string> {
  await server.client.user.delete();
  const made: string[] = [];
  for (const chat of chats) made.push((await server.client.createChat(chat as { title: string })).chat_id);
  return made[0] ?? '';
}

describe('the tags of a chat', () => {
  it('are shown, changed by keyboard in one go, taken back, and known to other tabs', async () => {
    const id = await withChats({ title: 'Citadel', tags: ['campaign'] }, { title: 'Other', tags: ['known'] });
    const person = await newPerson();
    const [page, other] = [await person.newPage(), await person.newPage()];
    for (const tab of [page, other]) await tab.goto(`${server.url}/c/${id}`);
    await details(page).getByText('campaign').waitFor();
    await details(page).focus();
    await page.keyboard.press('Enter');
    await dialog(page).getByLabel('New tag').focus();
    await page.keyboard.type('  first ');
    await page.keyboard.press('Enter');
    await page.keyboard.type('second, campaign,');
    await button(page, 'Remove the tag campaign').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.matches("input")')).toBe(true);
    // What is still written is one, too.
    await page.keyboard.type('מבצר\u202e <b>');
    expect(await faultsOf(page)).toEqual([]);
    expect((await server.client.getChat(id)).tags).toEqual(['campaign']);
    // Another tab adds one meanwhile.
    await server.client.updateChat(id, { tags: ['campaign', 'elsewhere'] });
    await expect.poll(() => details(other).textContent()).toContain('elsewhere');
    await dialog(page).getByRole('button', { name: 'Save' }).focus();
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'detached' });
    const tags = ['elsewhere', 'first', 'second', 'מבצר\u202e <b>'];
    await expect.poll(async () => (await server.client.getChat(id)).tags).toEqual(tags);
    for (const tab of [page, other])
      await expect.poll(() => details(tab).textContent()).toBe(tags.join(', '));
    await expect
      .poll(() => page.evaluate('document.activeElement.classList.contains("chat-details")'))
      .toBe(true);
    await page.getByText('“Citadel” was changed.').waitFor();
    await button(page, 'Undo').click();
    await expect.poll(async () => (await server.client.getChat(id)).tags).toEqual(['elsewhere', 'campaign']);
    expect(await page.locator('[data-unread=true]').count()).toBe(0);
  });

  it('stay as they were when the server does not take them, and are tried again', async () => {
    const id = await withChats({ title: 'Kept', tags: Array.from({ length: 50 }, (_, n) => `t${n}`) });
    const page = await openPage(server, `/c/${id}`);
    await details(page).click();
    const add = dialog(page).getByLabel('New tag');
    await add.fill('one too many');
    await add.press('Enter');
    await page.getByText('A chat has at most 50 tags.').waitFor();
    await button(page, 'Remove the tag t7').click();
    await add.press('Enter');
    await page.route(`**/chats/${id}`, (route) => route.fulfill({ status: 500, body: '{}' }));
    await button(page, 'Save').click();
    await page.getByText('The chat could not be changed.').waitFor();
    await page.unroute(`**/chats/${id}`);
    await button(page, 'Save').click();
    await expect.poll(async () => (await server.client.getChat(id)).tags.at(-1)).toBe('one too many');
  });
});

describe('the list of a tag', () => {
  it('has its chats alone, page by page, pinned and archived ones in their places, with what is searched for', async () => {
    await withChats(
      { title: 'Old and pinned', tags: ['a'], is_pinned: true },
      { title: 'Away', tags: ['a'], is_archived: true },
      { title: 'Away too', is_archived: true },
      ...Array.from({ length: 60 }, (_, n) => ({ title: `Chat ${n}`, tags: n % 2 === 0 ? ['a'] : ['b'] })),
      { title: 'Odd', tags: ['c'], metadata: { project: 'citadel', deep: [1] } },
    );
    const page = await openPage(server);
    await page.getByRole('link', { name: 'Odd' }).waitFor();
    await filter(page).selectOption('a');
    await expect.poll(async () => (await rows(page)).length).toBe(31);
    expect(await rows(page)).not.toContain('Chat 1');
    expect(await page.getByRole('region', { name: 'Pinned' }).getByRole('link').allTextContents()).toEqual([
      'Old and pinned',
    ]);
    await page.getByRole('searchbox').fill('Chat 2');
    await expect
      .poll(() => rows(page))
      .toEqual(['Chat 28', 'Chat 26', 'Chat 24', 'Chat 22', 'Chat 20', 'Chat 2']);
    await page.getByRole('searchbox').fill('');
    await button(page, 'Archived chats').click();
    await expect.poll(() => page.getByRole('main').getByRole('link').allTextContents()).toEqual(['Away']);
    expect(await faultsOf(page)).toEqual([]);
    // What gets the tag elsewhere comes, what loses it goes.
    const { chats } = await server.client.listChats({ query: 'Odd' });
    await server.client.updateChat(chats[0]?.chat_id ?? '', { tags: ['a'] });
    await expect.poll(() => rows(page)).toContain('Odd');
    await filter(page).first().selectOption('All chats');
    await expect.poll(() => rows(page)).toContain('Chat 59');
    await expect.poll(() => page.getByRole('main').getByRole('link').count()).toBe(2);
    // By what an app keeps.
    await page.getByRole('link', { name: 'Odd' }).click();
    await details(page).click();
    await dialog(page).getByRole('cell', { name: '[1]' }).waitFor();
    await dialog(page).getByRole('button', { name: 'citadel' }).click();
    await expect.poll(() => rows(page)).toEqual(['Odd']);
    await expect.poll(() => filter(page).locator('option:checked').textContent()).toBe('project: citadel');
    // A new chat is not hidden by it.
    await button(page, 'New chat').click();
    await say(page, 'Hello there');
    await page.getByText('Well met!').waitFor();
    await expect.poll(() => rows(page)).toContain('Hello there');
  });

  it('says so when it is empty, and leads back', async () => {
    const id = await withChats({ title: 'Only', tags: ['lonely'] });
    const page = await openPage(server, `/c/${id}`);
    await details(page).click();
    await button(page, 'lonely').click();
    await server.client.deleteChat(id);
    await page.getByText('No chat here has this.').waitFor();
    await filter(page).selectOption('All chats');
    await page.getByText('Your chats will be listed here.').waitFor();
    expect(await filter(page).count()).toBe(0);
  });
});

describe('when a chat ends', () => {
  it('is set by the clock of the person, shown, and taken back; what is over is refused', async () => {
    const id = await withChats({ title: 'Short', is_archived: true, metadata: { from: 'app' } });
    const page = await openPage(server, `/c/${id}`, { timezoneId: 'America/New_York' });
    await details(page).click();
    // The list does not hold it.
    await dialog(page).getByRole('button', { name: 'app' }).waitFor();
    const field = dialog(page).getByLabel('Remove this chat on');
    await field.fill('2020-01-01T10:00');
    await button(page, 'Save').click();
    await page.getByText('This time is over already.').waitFor();
    await field.fill('2099-07-01T10:00');
    await button(page, 'Save').click();
    await details(page).getByText('Removed on Jul 1, 2099').waitFor();
    expect((await server.client.getChat(id)).expires_at).toBe('2099-07-01T14:00:00.000Z');
    await details(page).click();
    expect(await field.inputValue()).toBe('2099-07-01T10:00');
    await button(page, 'Clear the date').click();
    await button(page, 'Save').click();
    await expect.poll(() => details(page).textContent()).toBe('');
    await button(page, 'Undo').last().click();
    await expect
      .poll(async () => (await server.client.getChat(id)).expires_at)
      .toBe('2099-07-01T14:00:00.000Z');
  });
});
