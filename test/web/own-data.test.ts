import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { newFolder } from '../support/databases.ts';
import { IS_FIREFOX } from './browser.ts';
import { faultsOf } from './faults.ts';
import { buttonOn, openData, putChats } from './own-data.ts';
import { newPerson, openPage, type PageServer, preparePage, startPageServer } from './page-server.ts';

let server: PageServer;

beforeAll(async () => {
  [server] = await Promise.all([startPageServer(), preparePage()]);
});

const rows = (page: Page) => page.locator('.chat-row a').allTextContents();

/** As a browser that lets no page write to files: what is saved is a download. */
async function openWithoutPicker(): Promise<Page> {
  const person = await newPerson();
  await person.addInitScript('delete window.showSaveFilePicker');
  const page = await person.newPage();
  await page.goto(server.url);
  return page;
}

async function pickFiles(page: Page, ...files: readonly { name: string; text: string | Buffer }[]) {
  await page
    .locator('.data input[type=file]')
    .setInputFiles(
      files.map(({ name, text }) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) })),
    );
}

const exported = async () => new Response(await server.client.exportChats()).text();

describe.skipIf(IS_FIREFOX)('an export of everything', () => {
  it('is a file that the import takes, or one to be read', async () => {
    await putChats(server, 'One', 'Two');
    const { chats } = await server.client.listChats();
    await server.client.updateChat(chats[0]?.chat_id ?? '', { is_archived: true });
    await server.client.deleteChat(chats[1]?.chat_id ?? '');
    const page = await openWithoutPicker();
    await openData(page);
    expect(await faultsOf(page)).toEqual([]);
    const save = async (form: string) => {
      await page.getByRole('combobox', { name: 'As', exact: true }).selectOption(form);
      const download = page.waitForEvent('download');
      await buttonOn(page, 'Export everything').click();
      const file = await download;
      return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
    };
    const lines = await save('jsonl');
    expect(lines.name).toMatch(/^chats-\d{4}-\d\d-\d\d\.jsonl$/);
    expect(lines.text).toBe(await exported());
    await page.getByText(/^2 chats exported, /).waitFor();
    const read = await save('markdown');
    expect(read.name).toMatch(/\.md$/);
    for (const title of ['One', 'Two']) expect(read.text).toContain(`# ${title}\n\n## User\n\nIn ${title}`);
    await server.client.user.delete();
    await pickFiles(page, { name: lines.name, text: lines.text });
    await buttonOn(page, 'Import 2 chats').click();
    await page.getByText('2 chats imported, with 2 entries.').waitFor();
    expect((await server.client.listChats({ state: 'all' })).total).toBe(2);
  });

  it('goes straight to the file where the browser can, and nothing is left when it is stopped or cut off', async () => {
    await putChats(server, 'Kept');
    const person = await newPerson();
    await person.addInitScript(`
      window.showSaveFilePicker = async ({ suggestedName }) => {
        const folder = await navigator.storage.getDirectory();
        return window.picked = await folder.getFileHandle('export', { create: true });
      };
      window.written = async () => (await window.picked.getFile()).text().catch(() => 'gone')`);
    const page = await person.newPage();
    await page.goto(server.url);
    await openData(page);
    await buttonOn(page, 'Export everything').click();
    await page.getByText(/^1 chat exported, /).waitFor();
    expect(await page.evaluate('window.written()')).toBe(await exported());
    // The last line does not come.
    await page.route('**/chats/export', async (route) => {
      const whole = await exported();
      await route.fulfill({ body: whole.slice(0, whole.lastIndexOf('{"type":"end"')) });
    });
    await buttonOn(page, 'Export everything').click();
    await page.getByText('The export was cut off. The file is not whole.').waitFor();
    expect(await page.evaluate(`window.written().catch(() => 'gone')`)).toBe('gone');
    await page.unroute('**/chats/export');
    await page.route('**/chats/export', () => undefined);
    await buttonOn(page, 'Try again').click();
    await buttonOn(page, 'Stop').click();
    await page.getByText('Stopped.').waitFor();
    await page.unroute('**/chats/export');
    await buttonOn(page, 'Export everything').click();
    await page.getByText(/^1 chat exported, /).waitFor();
  });
});

describe('an import', () => {
  it('says first what will come and what cannot, comes once, and is listed at once in every tab', async () => {
    await putChats(server, 'First', 'Second');
    const whole = await exported();
    await server.client.user.delete();
    const person = await newPerson();
    const [page, other] = [await person.newPage(), await person.newPage()];
    for (const tab of [page, other]) await tab.goto(server.url);
    await openData(page);
    const cut = whole.slice(0, whole.indexOf('"type":"chat_end"', whole.indexOf('Second')));
    await pickFiles(
      page,
      { name: 'cut.jsonl', text: cut },
      { name: 'photo.json', text: 'no chats' },
      { name: 'half.json', text: '[{"id":"a","mapping":' },
      { name: 'empty.json', text: '' },
      { name: 'all.zip', text: Buffer.from('PK\u0003\u0004rest') },
      { name: 'odd.json', text: '[{"id":"a"},{"id":"b"}]' },
    );
    for (const said of [
      '1 chat will come, with 1 entry.',
      'cut.jsonl was cut off: what is whole in it comes.',
      'photo.json is neither an export of Questlog nor one of ChatGPT.',
      'half.json is neither an export of Questlog nor one of ChatGPT.',
      'empty.json is empty.',
      'all.zip is a ZIP archive. Unpack it, and choose conversations.json.',
    ])
      await page.getByText(said).waitFor();
    await page.getByText(/chats? cannot come:/).click();
    await page.getByText('conversation 1 is none of ChatGPT’s').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    // Nothing has changed yet.
    expect((await server.client.listChats()).total).toBe(0);
    await buttonOn(page, 'Import 1 chat').click();
    await page.getByText('1 chat imported, with 1 entry.').waitFor();
    for (const tab of [page, other]) await expect.poll(() => rows(tab)).toEqual(['First']);
    await pickFiles(page, { name: 'whole.jsonl', text: whole });
    await page.getByText('1 chat will come, with 1 entry. 1 chat already here').waitFor();
    await buttonOn(page, 'Import 1 chat').click();
    await expect.poll(() => rows(page)).toEqual(['Second', 'First']);
    await pickFiles(page, { name: 'whole.jsonl', text: `\uFEFF${whole}` });
    await page.getByText('There is nothing new to import. 2 chats already here').waitFor();
    expect(await page.getByRole('button', { name: /^Import \d/ }).count()).toBe(0);
  });

  it('says what keeps it back, and goes on when that is over', async () => {
    await putChats(server, 'Waits');
    const whole = await exported();
    await server.client.user.delete();
    const page = await openPage(server);
    await openData(page);
    await page.route('**/chats/import**', (route) => route.abort());
    await pickFiles(page, { name: 'chats.jsonl', text: whole });
    await page.getByText('The server cannot be reached.').waitFor();
    await page.unroute('**/chats/import**');
    await buttonOn(page, 'Try again').click();
    await buttonOn(page, 'Import 1 chat').click();
    await expect.poll(() => rows(page)).toEqual(['Waits']);
  });

  it('of 50 MB comes in parts, and can be stopped', async () => {
    await putChats(server);
    const long = 'x'.repeat(500_000);
    const conversations = Array.from({ length: 100 }, (_, n) => ({
      id: `large-${n}`,
      title: 'T'.repeat(10_000),
      create_time: 1_700_000_000 + n,
      current_node: 'a',
      mapping: {
        a: {
          parent: null,
          children: [],
          message: { author: { role: 'user' }, content: { content_type: 'text', parts: [long] } },
        },
      },
    }));
    const page = await openPage(server);
    await openData(page);
    // Too much for the driver to carry.
    const path = join(newFolder(), 'conversations.json');
    writeFileSync(path, JSON.stringify(conversations));
    await page.locator('.data input[type=file]').setInputFiles(path);
    await page.getByText('100 chats will come, with 100 entries.').waitFor();
    await page.getByText('Not quite as before (100):').waitFor();
    await buttonOn(page, 'Import 100 chats').click();
    await page.getByText(/^[1-9]\d* chats of 100…/).waitFor();
    await buttonOn(page, 'Stop').click();
    await page.getByText('Stopped.').waitFor();
    await expect.poll(async () => (await rows(page)).length).toBeGreaterThan(0);
    expect((await server.client.listChats()).total).toBeLessThan(100);
  });
});
