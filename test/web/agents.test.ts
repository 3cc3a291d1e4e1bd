import { beforeAll, describe, expect, it } from 'vitest';
import { agentsFolder } from '../support/server.ts';
import { openPage, type PageServer, pageServer, preparePage, say, startPageServer } from './page-server.ts';

const SHOP = `
  import { Agent } from '@openai/agents-core';
  export default [
    {
      agent: new Agent({ name: 'Support' }),
      title: 'Shop support',
      description: 'Orders, refunds and returns.',
      suggestions: ['Where is my order?'],
    },
    { agent: new Agent({ name: 'Sales' }), title: 'Sales desk' },
  ];`;

let shop: PageServer;

beforeAll(preparePage);
beforeAll(async () => {
  shop = await startPageServer(
    {},
    { cwd: agentsFolder({ 'agents.js': SHOP }), args: ['serve', 'agents.js'] },
  );
});

const agentsOf = async (chatId: string) =>
  (await shop.client.listRuns(chatId)).runs.map(({ agent, status }) => `${agent} ${status}`);

describe('a server of own agents', () => {
  it('shows what their module says of them, and nothing of the example', async () => {
    const page = await openPage(shop);
    await page.getByRole('heading', { name: 'Shop support' }).waitFor();
    await page.getByText('Orders, refunds and returns.').waitFor();
    expect(await page.locator('.ideas button').allTextContents()).toEqual(['Where is my order?']);
    expect(await page.locator('body').textContent()).not.toMatch(/dungeon|dice|dragon|wizard|notes/i);
    await page.getByRole('button', { name: 'Where is my order?' }).click();
    await page.getByText('Well met!').waitFor();
  });

  it('lets the person pick one, who answers, and who is picked when the chat is opened again', async () => {
    const page = await openPage(shop);
    const picker = page.getByLabel('Agent', { exact: true });
    await picker.selectOption({ label: 'Sales desk' });
    await page.getByRole('heading', { name: 'Sales desk' }).waitFor();
    await say(page, 'Hello');
    await page.getByText('Well met!').waitFor();
    const chatId = page.url().split('/c/')[1] ?? '';
    await expect.poll(() => agentsOf(chatId)).toEqual(['Sales completed']);

    await page.reload();
    await expect.poll(() => picker.inputValue()).toBe('Sales');
    await say(page, 'And again');
    await expect.poll(() => agentsOf(chatId)).toEqual(['Sales completed', 'Sales completed']);
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
    await picker.selectOption('Support');
    await say(page, 'And you?');
    await expect
      .poll(() => agentsOf(chatId))
      .toEqual(['Support completed', 'Sales completed', 'Sales completed']);

    const elsewhere = await openPage(shop, `/c/${chatId}`);
    await expect.poll(() => elsewhere.getByLabel('Agent', { exact: true }).inputValue()).toBe('Support');
  });

  it('sends what is said at once after a reload to the last one of the chat', async () => {
    const { chat_id } = await shop.client.createChat({ title: 'Slow' });
    await shop.client.run({ input: 'Hi', session_id: chat_id }, { agent: '/agents/sales' });
    const page = await openPage(shop);
    const delays = ['**/agents', `**/chats/${chat_id}/runs`];
    for (const url of delays) {
      await page.route(url, async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        await route.continue();
      });
    }
    await page.goto(`${shop.url}/c/${chat_id}`);
    await say(page, 'Still you?');
    await expect.poll(() => agentsOf(chat_id)).toEqual(['Sales completed', 'Sales completed']);
  });
});

it('where there is one agent there is no picker', async () => {
  const page = await openPage(await pageServer());
  await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
  expect(await page.getByLabel('Agent', { exact: true }).count()).toBe(0);
});
