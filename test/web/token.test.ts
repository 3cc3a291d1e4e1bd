import { createServer, request as send } from 'node:http';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { QuestlogClient } from '../../src/client/index.ts';
import { closeServer, listenLocally } from '../support/local-server.ts';
import type { OidcProvider } from '../support/oidc-provider.ts';
import { newPerson, openPage, preparePage, say } from './page-server.ts';
import { attached, keptIn, pick, png } from './sample-files.ts';
import { startTokenServer } from './token-server.ts';

beforeAll(preparePage);

describe('with the tokens of a provider', () => {
  it('the page says whose token it needs and what is wrong with one, and keeps a good one in its tab', async () => {
    const { provider, server } = await startTokenServer();
    const page = await openPage(server);
    await page.getByText(provider.issuer).waitFor();
    const field = page.getByLabel('Access token');
    const use = () => page.getByRole('button', { name: 'Use it' }).click();

    await field.fill('not a token');
    await use();
    expect(await page.evaluate("document.querySelector('input:invalid')?.name")).toBe('token');
    await field.fill(await provider.sign({ claims: { aud: 'another' } }));
    await use();
    await page.getByRole('alert').getByText('its aud claim is not accepted').waitFor();
    await field.fill(` Bearer ${await provider.sign({ userId: 'robin' })} `);
    await use();
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await say(page, 'Hello');
    await page.getByText('Well met!').waitFor();
    await page.reload();
    await page.getByText('Well met!').waitFor();

    const other = await page.context().newPage();
    await other.goto(server.url);
    await other.getByLabel('Access token').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await field.waitFor();
    expect(await page.evaluate('sessionStorage.length + localStorage.length')).toBe(0);
  });

  it('asks for another token when the server refuses the one that it has', async () => {
    const { provider, server } = await startTokenServer();
    const page = await openPage(server);
    const field = page.getByLabel('Access token');
    // The server takes a token for a few seconds more.
    await field.fill(await provider.sign({ expiresIn: 1 }));
    await field.press('Enter');
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await expect
      .poll(async () => {
        await page.evaluate("window.dispatchEvent(new Event('focus'))");
        return field.isVisible();
      })
      .toBe(true);
  });

  it('what one person left when their token ended is not sent, and not shown, when another one comes', async () => {
    const { provider, server } = await startTokenServer();
    const page = await openPage(server);
    const signIn = async (options: Parameters<OidcProvider['sign']>[0]) => {
      await page.getByLabel('Access token').fill(await provider.sign(options));
      await page.keyboard.press('Enter');
      await page.getByLabel('Message', { exact: true }).waitFor();
    };
    await signIn({ userId: 'ann' });
    await page.route('**/stream', (route) => route.abort());
    await pick(page, png('ann.png'));
    await attached(page).getByText('ann.png').waitFor();
    await say(page, 'A secret of Ann');
    await page.getByText('Not sent yet.').waitFor();
    await page.getByLabel('Message', { exact: true }).fill('Half of another');
    // As when the server refuses it.
    await page.evaluate("sessionStorage.removeItem('questlog:token')");
    await page.unroute('**/stream');
    await page.goto(server.url);
    await signIn({ userId: 'bob' });
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('');
    await say(page, 'Hello');
    await page.getByText('Well met!').waitFor();
    const token = await provider.sign({ userId: 'bob' });
    const bob = new QuestlogClient({ baseUrl: server.url, getToken: async () => token });
    expect(await bob.listChats({})).toMatchObject({ total: 1 });
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage])')).not.toContain('Ann');
    expect(await keptIn(page)).toBe(0);

    // Who comes back finds what they wrote.
    await page.getByLabel('Message', { exact: true }).fill('Not yet sent');
    await page.evaluate("sessionStorage.removeItem('questlog:token')");
    await page.reload();
    await signIn({ userId: 'bob' });
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('Not yet sent');
  });

  it('two people in two tabs of one browser write each in their own name', async () => {
    const { provider, server } = await startTokenServer();
    const browser = await newPerson();
    const [ann, bob] = [await browser.newPage(), await browser.newPage()];
    for (const [page, userId] of [
      [ann, 'ann'],
      [bob, 'bob'],
    ] as const) {
      await page.goto(server.url);
      await page.getByLabel('Access token').fill(await provider.sign({ userId }));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    }
    await ann.route('**/stream', (route) => route.abort());
    await say(ann, 'A secret of Ann');
    await ann.getByText('Not sent yet.').waitFor();
    await say(bob, 'Hello');
    await bob.getByText('Well met!').waitFor();
    const token = await provider.sign({ userId: 'bob' });
    const client = new QuestlogClient({ baseUrl: server.url, getToken: async () => token });
    expect((await client.listChats({})).chats.map(({ title }) => title)).toEqual(['Hello']);
  });

  it('the page needs none behind a proxy that adds it to each request', async () => {
    const { provider, server } = await startTokenServer();
    const token = await provider.sign({ userId: 'kim' });
    const proxy = createServer(({ method, url, headers }, response) => {
      const own = { ...headers, authorization: `Bearer ${token}` };
      send(server.url + url, { method: method ?? 'GET', headers: own }, (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      }).end();
    });
    const port = await listenLocally(proxy);
    onTestFinished(() => closeServer(proxy));
    const page = await (await newPerson()).newPage();
    await page.goto(`http://127.0.0.1:${port}`);
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0);
  });
});
