import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createGate } from '../support/gate.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { IS_FIREFOX } from './browser.ts';
import { newPerson, openPage, type PageServer, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

/** What the person has said to the chat that the page shows, as the server has it. */
async function saidTo(server: PageServer, page: Page): Promise<unknown[]> {
  const chatId = new URL(page.url()).pathname.replace('/c/', '');
  const { conversation } = await server.client.getChat(chatId);
  return (conversation ?? []).filter(({ role }) => role === 'user').map(({ content }) => content);
}

const shown = (page: Page) => page.locator('.said').allTextContents();

describe('a message that is written', () => {
  it('waits behind others while the network is away, and goes out by itself in its turn', async () => {
    const server = await pageServer(() => ({ text: 'It arrived.' }));
    const proxy = await startTcpProxy(server.url);
    const page = await openPage({ ...server, url: new URL(proxy.url).origin });
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await proxy.cut();
    for (const text of ['First', 'Second', 'Third']) await say(page, text);
    await page.getByText('Not sent yet.').waitFor();
    expect(await shown(page)).toEqual(['First', 'Second', 'Third']);
    await proxy.mend();
    await expect.poll(() => page.getByText('It arrived.').count()).toBe(3);
    expect(await shown(page)).toEqual(['First', 'Second', 'Third']);
    expect(await saidTo(server, page)).toEqual(['First', 'Second', 'Third']);
  });

  it('while an answer is written waits for its end, and says so, over a reload too', async () => {
    const gate = createGate();
    const server = await pageServer((input) =>
      input.length > 1
        ? { text: 'The second answer.' }
        : { text: 'The first answer.', hangAfter: 2, until: gate.opened },
    );
    const page = await openPage(server);
    await say(page, 'First');
    await page.getByText('The first').waitFor();
    await say(page, 'Second');
    await page.getByText('Waits for the answer before it.').waitFor();
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('');
    await page.reload();
    await page.getByText('Waits for the answer before it.').waitFor();
    await expect.poll(() => shown(page)).toEqual(['First', 'Second']);
    gate.open();
    await page.getByText('The second answer.').waitFor();
    await page.getByRole('button', { name: 'Answer again' }).last().waitFor();
    expect(await saidTo(server, page)).toEqual(['First', 'Second']);
  });

  it('outlives the answer that is stopped before it', async () => {
    const server = await pageServer((input) =>
      input.length > 1 ? { text: 'And on.' } : { text: 'Without end and', hangAfter: 2 },
    );
    const page = await openPage(server);
    await say(page, 'First');
    await page.getByText('Without end').waitFor();
    await say(page, 'Second');
    await page.getByRole('button', { name: 'Stop the answer' }).click();
    await page.getByText('And on.').waitFor();
    expect(await saidTo(server, page)).toEqual(['First', 'Second']);
  });

  it.skipIf(IS_FIREFOX)(
    'is sent from another tab when its own is closed, and when another chat is shown',
    async () => {
      const server = await pageServer(() => ({ text: 'It arrived.' }));
      const { chat_id } = await server.client.createChat({ title: 'Left behind' });
      const person = await newPerson();
      const [one, two] = [await person.newPage(), await person.newPage()];
      for (const tab of [one, two]) await tab.goto(`${server.url}/c/${chat_id}`);
      for (const tab of [one, two]) await tab.getByRole('heading', { name: 'Left behind' }).waitFor();
      await two.getByRole('button', { name: 'New chat' }).click();
      await person.route('**/stream', (route) => route.abort());
      await say(one, 'Do not forget me');
      await one.getByText('Not sent yet.').waitFor();
      await one.close();
      await person.unroute('**/stream');
      const items = async () => (await server.client.listItems(chat_id)).items.length;
      await expect.poll(items).toBe(2);
      await two.goto(`${server.url}/c/${chat_id}`);
      await two.getByText('It arrived.').waitFor();
      expect(await shown(two)).toEqual(['Do not forget me']);
    },
  );

  it('comes back in front of what is typed meanwhile, and is not sent', async () => {
    const server = await pageServer();
    const page = await openPage(server);
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await page.route('**/stream', (route) => route.abort());
    await say(page, 'Written first');
    await page.getByText('Not sent yet.').waitFor();
    const box = page.getByLabel('Message', { exact: true });
    await box.fill('Typed meanwhile');
    await page.getByRole('button', { name: 'Back to the message box' }).click();
    await expect.poll(() => box.inputValue()).toBe('Written first\n\nTyped meanwhile');
    expect(await shown(page)).toEqual([]);
  });

  it.skipIf(IS_FIREFOX)(
    'that the server refuses keeps those behind it, until the person decides',
    async () => {
      const server = await pageServer();
      const page = await openPage(server);
      await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
      const problem = {
        type: 'about:blank',
        title: 'Too large',
        status: 413,
        code: 'body_too_large',
        detail: 'Too much.',
      };
      await page.route('**/stream', (route) =>
        route.request().postData()?.includes('A book')
          ? route.fulfill({
              status: 413,
              contentType: 'application/problem+json',
              body: JSON.stringify(problem),
            })
          : route.continue(),
      );
      await say(page, 'A book');
      await page.getByText('Not sent. Too much.').waitFor();
      await say(page, 'A word');
      await page.getByText('Waits for the message before it.').waitFor();
      await page.reload();
      await page.getByText('Waits for the message before it.').waitFor();
      await page.getByRole('button', { name: 'Back to the message box' }).first().click();
      await page.getByText('Well met!').waitFor();
      expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('A book');
      expect(await saidTo(server, page)).toEqual(['A word']);
    },
  );

  it('at once in two tabs is shown after the answer to the other, and then answered', async () => {
    const gate = createGate();
    const server = await pageServer((input) =>
      input.length > 1
        ? { text: 'An answer to two.' }
        : { text: 'An answer to one.', hangAfter: 2, until: gate.opened },
    );
    const { chat_id } = await server.client.createChat({ title: 'Two at once' });
    const [one, two] = [await openPage(server, `/c/${chat_id}`), await openPage(server, `/c/${chat_id}`)];
    for (const page of [one, two]) await page.getByRole('heading', { name: 'Two at once' }).waitFor();
    await say(one, 'From one');
    await one.getByText('An answer').waitFor();
    await say(two, 'From two');
    await two.getByText('Waits for the answer before it.').waitFor();
    await two.getByRole('log').getByText('An answer').waitFor();
    const order = await two.locator('.message').allTextContents();
    expect(order.map((text) => /From one|An answer|From two/.exec(text)?.[0])).toEqual([
      'From one',
      'An answer',
      'From two',
    ]);
    gate.open();
    for (const page of [one, two]) await page.getByText('An answer to two.').waitFor();
    expect(await shown(two)).toEqual(['From one', 'From two']);
  });
});
