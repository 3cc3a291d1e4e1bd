import { beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { buttonOn, openData, putChats } from './own-data.ts';
import { newPerson, openPage, type PageServer, preparePage, say, startPageServer } from './page-server.ts';

let server: PageServer;

beforeAll(async () => {
  [server] = await Promise.all([startPageServer(), preparePage()]);
});

describe('how long chats stay', () => {
  it('is chosen in days, said before it is saved, and taken back', async () => {
    const page = await openPage(server);
    await openData(page);
    const days = page.getByLabel('Remove chats without activity');
    await expect.poll(() => days.isEnabled()).toBe(true);
    await days.selectOption({ label: 'After 30 days' });
    await page.getByText(/no activity for 30 days are removed for good/).waitFor();
    expect(await server.client.user.getRetention()).toEqual({ inactive_days: null });
    await buttonOn(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    expect(await server.client.user.getRetention()).toEqual({ inactive_days: 30 });
    await buttonOn(page, 'Undo').click();
    await expect.poll(() => server.client.user.getRetention()).toEqual({ inactive_days: null });
    await page.route('**/user/retention', (route) => route.abort());
    await days.selectOption({ label: 'After 7 days' });
    await buttonOn(page, 'Save').click();
    await page.getByText('The server cannot be reached.').waitFor();
    await page.unroute('**/user/retention');
    await buttonOn(page, 'Try again').click();
    await expect.poll(() => server.client.user.getRetention()).toEqual({ inactive_days: 7 });
    await server.client.user.setRetention({ inactive_days: null });
  });
});

/** What the page keeps in the browser, but for how it looks and which tabs there are. */
const KEPT = `(async () => {
  const kept = [localStorage, sessionStorage].flatMap((place) => Object.keys(place));
  const database = await new Promise((resolve) => {
    const asked = indexedDB.open('questlog', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('files');
    asked.onsuccess = () => resolve(asked.result);
  });
  const files = await new Promise((resolve) => {
    const asked = database.transaction('files').objectStore('files').getAllKeys();
    asked.onsuccess = () => resolve(asked.result);
  });
  database.close();
  return [...kept, ...files].filter((key) => !/^questlog:(settings|tab$|left:|seen:)/.test(key));
})()`;

describe('deleting everything', () => {
  it('asks for a word, and then neither the server nor any tab of the browser has anything', async () => {
    await putChats(server, 'Gone', 'Archived');
    server.model.script = () => ({ text: 'This goes on and on', hangAfter: 3 });
    const person = await newPerson();
    const [page, other] = [await person.newPage(), await person.newPage()];
    await page.goto(server.url);
    await other.goto(server.url);
    await say(other, 'Tell me something long');
    await other.getByText('This goes').waitFor();
    await other.getByLabel('Message', { exact: true }).fill('A draft');
    await other.locator('input[type=file]').setInputFiles({
      name: 'note.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('A note'),
    });
    await other.getByText('note.txt').waitFor();
    expect(await page.evaluate<string[]>(KEPT)).not.toEqual([]);
    await openData(page);
    await buttonOn(page, 'Delete everything of mine').click();
    const dialog = page.getByRole('dialog', { name: 'Delete everything' });
    await dialog.getByText('3 chats with all messages').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Export everything' }).waitFor();
    // Without the word nothing happens, whatever is pressed.
    await dialog.getByRole('button', { name: 'Delete everything' }).click({ force: true });
    const word = dialog.getByLabel('To go on, type delete');
    await word.fill('everything');
    await word.press('Enter');
    expect((await server.client.listChats()).total).toBe(3);
    // A server that cannot be reached takes nothing from the browser.
    await word.fill('Delete');
    await page.route('**/chats?**', (route) => route.abort());
    await dialog.getByRole('button', { name: 'Delete everything' }).click();
    await page.getByText('The server cannot be reached.').waitFor();
    expect(await other.getByLabel('Message', { exact: true }).inputValue()).toBe('A draft');
    expect(await page.evaluate<string[]>(KEPT)).not.toEqual([]);
    await page.unroute('**/chats?**');
    const isReloaded = other.waitForEvent('load');
    await buttonOn(page, 'Try again').click();
    await page.getByRole('dialog', { name: 'Everything is gone.' }).waitFor();
    await isReloaded;
    await page.keyboard.press('Escape');
    for (const tab of [page, other]) {
      await tab.getByText('Your chats will be listed here.').waitFor();
      await tab.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
      expect(await tab.getByLabel('Message', { exact: true }).inputValue()).toBe('');
      expect(await tab.getByText('note.txt').count()).toBe(0);
      expect(new URL(tab.url()).pathname).toBe('/');
    }
    expect(await page.evaluate<string[]>(KEPT)).toEqual([]);
    // What the answer still wrote is nowhere.
    expect((await server.client.listChats({ state: 'all' })).total).toBe(0);
    const left = await new Response(await server.client.user.read()).text();
    expect(left).toBe('');
  });
});
