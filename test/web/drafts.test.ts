import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createGate } from '../support/gate.ts';
import { newPerson, openPage, pageServer, preparePage } from './page-server.ts';

/** When the last tab has gone, in ms since 1970. */
function leftAt(tab: Page): Promise<number> {
  const kept = "Object.entries(localStorage).filter(([key]) => key.startsWith('questlog:left:'))";
  return tab.evaluate<number>(`Math.max(...${kept}.map(([, value]) => Number(value)))`);
}

beforeAll(preparePage);

describe('a draft', () => {
  it('is there when the page is reloaded', async () => {
    const page = await openPage(await pageServer());
    const box = page.getByLabel('Message', { exact: true });
    await box.fill('Not finished yet');
    await page.reload();
    await expect.poll(() => box.inputValue()).toBe('Not finished yet');
    await box.press('Enter');
    await page.getByText('Well met!').waitFor();
    await box.fill('Another one');
    await page.reload();
    await page.getByText('Well met!').waitFor();
    await expect.poll(() => box.inputValue()).toBe('Another one');
    await page.goto(new URL('/', page.url()).href);
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    expect(await box.inputValue()).toBe('');
  });

  it('is each tab’s own in one chat, over a reload and when it is closed', async () => {
    const server = await pageServer();
    const { chat_id } = await server.client.createChat({ title: 'Drafts' });
    const person = await newPerson();
    const open = async () => {
      const tab = await person.newPage();
      await tab.goto(`${server.url}/c/${chat_id}`);
      return { tab, box: tab.getByLabel('Message', { exact: true }) };
    };
    const [one, two] = [await open(), await open()];
    await one.box.fill('Of the first tab');
    await two.box.fill('Of the second tab');
    await one.tab.reload();
    await expect.poll(() => one.box.inputValue()).toBe('Of the first tab');
    await one.box.press('Enter');
    await one.tab.getByText('Well met!').waitFor();
    for (const { tab } of [one, two]) await tab.reload();
    await expect.poll(() => two.box.inputValue()).toBe('Of the second tab');
    await one.tab.getByText('Well met!').waitFor();
    expect(await one.box.inputValue()).toBe('');
    // While one is reloaded and takes long, the other shows the chat.
    const scripts = createGate();
    await two.tab.route('**/*.js', async (route) => {
      await scripts.opened;
      await route.continue();
    });
    await two.tab.reload({ waitUntil: 'commit' });
    // The clock of this tab alone stands still: however slow the machine is, the other has just left.
    await one.tab.addInitScript(`Date.now = () => ${await leftAt(one.tab)}`);
    await one.tab.reload();
    await one.tab.getByText('Well met!').waitFor();
    scripts.open();
    await expect.poll(() => two.box.inputValue()).toBe('Of the second tab');
    expect(await one.box.inputValue()).toBe('');
    await one.box.fill('Once more');
    for (const { tab } of [one, two]) await tab.close();
    const later = await open();
    await expect
      .poll(async () => (await later.box.inputValue()).split('\n\n').sort())
      .toEqual(['Of the second tab', 'Once more']);
    await later.box.fill('');
    await later.tab.reload();
    const last = await open();
    await last.box.fill('All is well');
    expect(await later.box.inputValue()).toBe('');
  });
});
