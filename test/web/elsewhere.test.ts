import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { IS_FIREFOX } from './browser.ts';
import { openPage, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

describe('a chat', () => {
  it('that was deleted elsewhere offers its restore where it is shown', async () => {
    const server = await pageServer();
    const conversation = [{ role: 'user', content: 'Still here' }];
    const { chat_id } = await server.client.createChat({ title: 'Deleted elsewhere', conversation });
    const page = await openPage(server, `/c/${chat_id}`);
    await page.getByText('Still here').waitFor();
    await server.client.deleteChat(chat_id);
    await page.getByText('This chat was deleted').waitFor();
    await page.getByRole('button', { name: 'Restore it' }).click();
    await page.getByText('Still here').waitFor();
    await page.getByRole('link', { name: 'Deleted elsewhere' }).waitFor();
  });

  it('that is new is in the list, whatever was searched for before', async () => {
    const page = await openPage(await pageServer());
    await page.getByRole('searchbox').fill('no such title');
    await page.getByText('No title contains').waitFor();
    await say(page, 'A new beginning');
    await page.getByRole('link', { name: 'A new beginning' }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  it.skipIf(IS_FIREFOX)('leaves as Markdown, however many backticks its tools gave', async () => {
    const server = await pageServer();
    const call = { type: 'function_call', callId: 'a', name: 'look', arguments: '{}', status: 'completed' };
    const output = { type: 'text', text: '` '.repeat(300_000) };
    const result = { type: 'function_call_result', callId: 'a', name: 'look', status: 'completed', output };
    const conversation = [{ role: 'user', content: 'Look' }, call, result];
    const { chat_id } = await server.client.createChat({ title: 'Backticks', conversation });
    const page = await openPage(server, `/c/${chat_id}`);
    await page.getByLabel('Export this chat').click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export as Markdown' }).click();
    expect(await readFile(await (await download).path(), 'utf8')).toContain('` ` `');
  });
});
