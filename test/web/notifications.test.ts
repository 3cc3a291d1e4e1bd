import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { newPerson, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

/** The browser of the tests shows none: what it would show, and the permission that the person gives when asked. */
const NOTIFICATIONS = (answer: string) => `if (location.protocol === 'http:') {
  localStorage.permission ??= 'default';
  window.shown = [];
  window.Notification = class {
    static get permission() { return localStorage.permission; }
    static async requestPermission() {
      localStorage.asked = Number(localStorage.asked ?? 0) + 1;
      return localStorage.permission = '${answer}';
    }
    constructor(title, options) { Object.assign(this, { title, ...options }); window.shown.push(this); }
    close() { this.isClosed = true; }
  };
}`;

async function personWho(answer: 'granted' | 'denied'): Promise<BrowserContext> {
  const person = await newPerson();
  await person.addInitScript(NOTIFICATIONS(answer));
  return person;
}

const asked = (page: Page) => page.evaluate('Number(localStorage.asked ?? 0)');
const shown = (page: Page) =>
  page.evaluate('window.shown.map(({ title, tag, body }) => ({ title, tag, body }))');

/** Whether the person sees the tab: the browser of the tests shows all of them. */
async function setVisible(page: Page, isVisible: boolean): Promise<void> {
  const state = isVisible ? 'visible' : 'hidden';
  await page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'))`);
}

const SWITCH = { name: 'Notify me when an answer is ready' };

async function turnOn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('checkbox', SWITCH).click();
}

describe('a notification', () => {
  it('says which chat has an answer, waits or failed in a tab that nobody sees, once for all tabs, and leads there', async () => {
    const server = await pageServer(() => ({ text: 'The secret is out', hangAfter: 2 }));
    const person = await personWho('granted');
    const page = await person.newPage();
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    expect(await asked(page), 'before anything is clicked').toBe(0);
    await turnOn(page);
    await expect.poll(() => page.getByRole('checkbox', SWITCH).isChecked()).toBe(true);
    expect(await asked(page)).toBe(1);
    await page.keyboard.press('Escape');
    const other = await person.newPage();
    await other.goto(server.url);
    await say(page, 'Tell me the secret');
    await page.getByText('The secret').waitFor();
    const chatId = /[^/]+$/.exec(page.url())?.[0] ?? '';
    // A tab that is seen: nobody need be notified.
    await setVisible(page, false);
    await page.getByRole('link', { name: 'Tell me the secret', exact: true }).waitFor();
    const end = async () => {
      const [run] = (await server.client.listRuns(chatId)).runs;
      await server.client.cancelRun(run?.run_id ?? '');
    };
    await end();
    await page.getByText('You stopped this answer.').waitFor();
    const said = { title: 'Tell me the secret', tag: `questlog:${chatId}` };
    const ask = (text: string) => server.client.stream({ input: text, session_id: chatId });
    server.model.script = () => ({ text: 'Done.' });
    for await (const _ of (await ask('Again')).events) {
      // To its end.
    }
    await page.getByText('Done.').waitFor();
    expect(await shown(page), 'while another tab is seen, and for what was stopped').toEqual([]);
    await setVisible(other, false);
    server.model.script = () => ({ error: { status: 400 } });
    await ask('Fail');
    await expect.poll(() => shown(page)).toEqual([said]);
    await expect.poll(() => shown(other)).toEqual([said]);
    server.model.script = () => ({ calls: [{ name: 'delete_note', args: { note_id: 'n1' } }] });
    await ask('Delete');
    await expect.poll(() => shown(other)).toEqual([said, said]);
    await other.evaluate('window.shown[1].onclick()');
    await other.getByRole('button', { name: 'Approve' }).waitFor();
    expect(await other.evaluate('window.shown[1].isClosed')).toBe(true);
    expect(await asked(page)).toBe(1);
    await page.reload();
    await page.getByRole('button', { name: 'Settings' }).click();
    expect(await page.getByRole('checkbox', SWITCH).isChecked()).toBe(true);
    expect(await asked(page)).toBe(1);
  });

  it('that the browser refuses is said in the settings', async () => {
    const server = await pageServer();
    const page = await (await personWho('denied')).newPage();
    await page.goto(server.url);
    await turnOn(page);
    await page.getByText('Your browser does not allow this page to notify you.').waitFor();
    expect(await page.getByRole('checkbox', SWITCH).isChecked()).toBe(false);
    expect(await page.getByRole('checkbox', SWITCH).isDisabled()).toBe(true);
    await page.reload();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText('Your browser does not allow this page to notify you.').waitFor();
    await page.evaluate('delete window.Notification');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText('This browser cannot notify you of this page.').waitFor();
    expect(await asked(page)).toBe(1);
  });
});
