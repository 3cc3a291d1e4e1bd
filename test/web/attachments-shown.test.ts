import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentsFolder } from '../support/server.ts';
import { faultsOf } from './faults.ts';
import { onElement, openPage, pageServer, preparePage, say, startPageServer } from './page-server.ts';
import { attached, chatIdOf, pdf, pick, png, text } from './sample-files.ts';

beforeAll(preparePage);

const PIXEL = png('x.png').buffer.toString('base64');
const focused = (page: Page) => page.evaluate('document.activeElement.getAttribute("aria-label")');

/** A chat whose first message has files. */
async function withFiles(...files: Parameters<typeof pick>[1][]): Promise<Page> {
  const page = await openPage(await pageServer());
  await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
  await pick(page, ...files);
  await expect.poll(() => attached(page).count()).toBe(files.length);
  await say(page, 'Look');
  await page.getByText('Well met!').waitFor();
  await page.getByRole('button', { name: 'Answer again' }).waitFor();
  return page;
}

describe('a file of a message', () => {
  it('that is a picture is shown, opened, left and saved by keys alone', async () => {
    const page = await withFiles(png('one.png', 900, 300), png('two.png', 30, 60));
    const picture = page.getByRole('img', { name: 'one.png' });
    const sizes = await picture.evaluate(onElement('(image) => [image.offsetWidth, image.offsetHeight]'));
    expect(sizes).toEqual([420, 140]);
    await page.getByRole('button', { name: 'Open one.png' }).press('Enter');
    const viewer = page.getByRole('dialog', { name: 'one.png' });
    await viewer.getByText('1 / 2').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('ArrowRight');
    await page.getByRole('dialog', { name: 'two.png' }).getByText('2 / 2').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save two.png' }).press('Enter');
    expect((await saving).suggestedFilename()).toBe('two.png');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Open one.png');
  });

  it('that is a text is folded with its name, and is saved as it was, as is a PDF', async () => {
    const page = await withFiles(text('notes.md', '# Caves\n```js\nlet a;\n```\n'), pdf('map.pdf'));
    await page.getByText('notes.md').first().click();
    await page.getByText('# Caves').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    for (const [name, content] of [
      ['notes.md', '# Caves\n```js\nlet a;\n```'],
      ['map.pdf', '%PDF-1.4\n'.padEnd(20)],
    ] as const) {
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: `Save ${name}` }).click();
      const saved = await saving;
      expect(saved.suggestedFilename()).toBe(name);
      const stream = await saved.createReadStream();
      expect(Buffer.concat(await stream.toArray()).toString()).toBe(content);
    }
  });

  it('goes along when the message is edited or answered again', async () => {
    const page = await withFiles(png('one.png'), text('notes.md', 'x'));
    await page.getByRole('button', { name: 'Edit and send again' }).click();
    await expect.poll(() => attached(page).count()).toBe(2);
    await page.getByRole('button', { name: 'Remove notes.md' }).click();
    await page.getByLabel('Edit the message').fill('Look again');
    await page.getByLabel('Edit the message').press('Enter');
    const { client } = await pageServer();
    const parts = async () => {
      const { items } = await client.listItems(chatIdOf(page));
      return items.map(({ item }) => [
        item.role,
        ...([item.content].flat() as { filename?: string; text?: string }[]).map(
          ({ filename, text }) => filename ?? text,
        ),
      ]);
    };
    const said = ['user', 'Look again', 'one.png'];
    await expect.poll(parts).toEqual([said, ['assistant', 'Well met!']]);
    await page.getByRole('button', { name: 'Answer again' }).click();
    await expect
      .poll(async () => (await client.listItems(chatIdOf(page))).items[0]?.position)
      .toBeGreaterThan(3);
    await expect.poll(parts).toEqual([said, ['assistant', 'Well met!']]);
  });

  it('of an answer or a tool is shown, and none is asked of another server or drawn with a script in it', async () => {
    const server = await pageServer();
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64');
    const call = { type: 'function_call', callId: 'c1', name: 'draw', arguments: '{}', status: 'completed' };
    const output = [{ type: 'input_image', image: `data:image/png;base64,${PIXEL}`, filename: 'drawn.png' }];
    const conversation = [
      {
        role: 'user',
        content: [
          { type: 'input_image', image: 'https://pictures.example/a.png' },
          { type: 'input_image', image: `data:image/svg+xml;base64,${svg}`, filename: 'drawing.svg' },
        ],
      },
      {
        type: 'hosted_tool_call',
        id: 'ig_1',
        name: 'image_generation_call',
        status: 'completed',
        output: PIXEL,
      },
      call,
      { type: 'function_call_result', callId: 'c1', name: 'draw', status: 'completed', output },
    ];
    const { chat_id } = await server.client.createChat({ title: 'Gallery', conversation });
    const page = await openPage(server);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${server.url}/c/${chat_id}`);
    await page.getByRole('img', { name: 'drawn.png' }).waitFor();
    await page.getByRole('img', { name: 'Picture', exact: true }).waitFor();
    const link = page.getByRole('link', { name: 'pictures.example' });
    expect(await link.getAttribute('href')).toBe('https://pictures.example/a.png');
    await page.getByRole('button', { name: 'Save drawing.svg' }).waitFor();
    expect(await page.locator('.message img').count()).toBe(2);
    expect(asked.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([]);
    expect(await page.locator('details.tool', { hasText: 'draw' }).textContent()).not.toContain('base64');
  });
});

describe('an agent that takes text alone', () => {
  it('says so before a picture is sent to it, also when it is picked later', async () => {
    const agents = `
      import { Agent } from '@openai/agents-core';
      export default [
        { agent: new Agent({ name: 'Seer' }), title: 'Seer' },
        { agent: new Agent({ name: 'Reader' }), title: 'Reader', accepts: { images: false, files: false } },
      ];`;
    const server = await startPageServer(
      {},
      { cwd: agentsFolder({ 'agents.js': agents }), args: ['serve', 'agents.js'] },
    );
    const page = await openPage(server);
    const picker = page.getByLabel('Agent', { exact: true });
    await pick(page, png('one.png'));
    await attached(page).getByText('one.png').waitFor();
    const alert = page.getByRole('alert');
    expect(await alert.count()).toBe(0);
    await picker.selectOption('Reader');
    await alert.getByText('Reader takes no pictures. Remove them to send this message.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Message', { exact: true }).press('Enter');
    expect(await page.locator('.message').count()).toBe(0);
    await picker.selectOption('Seer');
    await expect.poll(() => alert.count()).toBe(0);
    await page.getByLabel('Message', { exact: true }).press('Enter');
    await page.getByText('Well met!').waitFor();
  });
});
