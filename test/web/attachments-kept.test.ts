import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  newPerson,
  onElement,
  openPage,
  type PageServer,
  pageServer,
  preparePage,
  say,
} from './page-server.ts';
import { attached, chatIdOf, keptIn, pdf, pick, png } from './sample-files.ts';

beforeAll(preparePage);

/** The names of the files that the person has sent, message by message, as the server has them. */
async function sentTo(server: PageServer, chatId: string): Promise<unknown[]> {
  const { items } = await server.client.listItems(chatId);
  const said = items.filter(({ item }) => item.role === 'user');
  return said.map(({ item }) =>
    (item.content as Record<string, unknown>[]).flatMap(({ filename }) => (filename ? [filename] : [])),
  );
}

const open = async (server: PageServer): Promise<Page> => {
  const page = await openPage(server);
  await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
  return page;
};

describe('files of a message', () => {
  it('outlive a reload, a lost network and their tab, and are kept no longer than until they are sent', async () => {
    const server = await pageServer();
    const { chat_id } = await server.client.createChat({ title: 'Far away' });
    const person = await newPerson();
    const page = await person.newPage();
    await page.goto(`${server.url}/c/${chat_id}`);
    await page.getByRole('heading', { name: 'Far away' }).waitFor();
    await pick(page, png('one.png'), pdf('two.pdf'), png('mistake.png'));
    await expect.poll(() => attached(page).count()).toBe(3);
    await page.getByRole('button', { name: 'Remove mistake.png' }).click();
    // What a page leaves that goes at once is removed a day later.
    await expect.poll(() => keptIn(page)).toBe(2);
    await page.reload();
    await expect.poll(() => attached(page).count()).toBe(2);
    await person.route('**/stream', (route) => route.abort());
    await say(page, 'First');
    await page.getByText('Not sent yet.').waitFor();
    await pick(page, png('three.png'));
    await attached(page).getByText('three.png').waitFor();
    await say(page, 'Second');
    await page.getByText('Waits for the message before it.').waitFor();
    await expect.poll(() => keptIn(page)).toBe(3);
    await page.close();
    await person.unroute('**/stream');
    const later = await person.newPage();
    await later.goto(`${server.url}/c/${chat_id}`);
    await expect.poll(() => later.getByText('Well met!').count()).toBe(2);
    expect(await sentTo(server, chat_id)).toEqual([['one.png', 'two.pdf'], ['three.png']]);
    await expect.poll(() => keptIn(later)).toBe(0);
  });

  it('come back into the message box with it when the sending is cancelled', async () => {
    const server = await pageServer();
    const page = await open(server);
    await page.route('**/stream', () => undefined);
    await pick(page, png('slow.png'));
    await attached(page).getByText('slow.png').waitFor();
    await say(page, 'Take your time');
    await page.getByRole('progressbar', { name: /^Sending \d+ bytes…$/ }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await attached(page).getByText('slow.png').waitFor();
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('Take your time');
    expect(await page.locator('.message').count()).toBe(0);
    await page.unroute('**/stream');
    await page.getByLabel('Message', { exact: true }).press('Enter');
    await page.getByText('Well met!').waitFor();
    expect(await sentTo(server, chatIdOf(page))).toEqual([['slow.png']]);
  });

  it('are sent where the browser keeps nothing, which is said', async () => {
    const server = await pageServer();
    const person = await newPerson();
    await person.addInitScript(`IDBFactory.prototype.open = () => { throw new Error('forbidden'); }`);
    const page = await person.newPage();
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await pick(page, png('private.png'));
    await page.getByText('This browser keeps no files').waitFor();
    await page.route('**/stream', (route) => route.abort());
    await say(page, 'Hello');
    await page.getByText('Not sent yet.').waitFor();
    const other = await person.newPage();
    await other.goto(page.url());
    await page.unroute('**/stream');
    // Unless it has gone out by itself.
    await page.getByRole('button', { name: 'Try again' }).evaluateAll(onElement('(all) => all[0]?.click()'));
    await page.getByText('Well met!').waitFor();
    expect(await sentTo(server, chatIdOf(page))).toEqual([['private.png']]);
  });

  it('that are gone from the browser are missed before the message goes out', async () => {
    const page = await open(await pageServer());
    await pick(page, png('lost.png'));
    await page.getByRole('button', { name: 'Remove lost.png' }).waitFor();
    await page.evaluate(`new Promise((resolve) => {
      const opening = indexedDB.open('questlog', 1);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction('files', 'readwrite');
        transaction.objectStore('files').clear();
        transaction.oncomplete = () => (opening.result.close(), resolve());
      };
    })`);
    await say(page, 'Here it is');
    await page.getByText('A file of it is not in this browser any more.').waitFor();
    expect(await page.getByText('Well met!').count()).toBe(0);
  });
});
