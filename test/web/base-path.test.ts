import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { closeServer, listenLocally } from '../support/local-server.ts';
import { newPerson, openPage, type PageServer, preparePage, say, startPageServer } from './page-server.ts';

beforeAll(preparePage);

const startAt = (basePath: string) => startPageServer({ QUESTLOG_BASE_PATH: basePath });

/** A proxy that gives each server what is below its path, and leaves the path as it is. @returns its URL. */
async function startProxy(servers: Readonly<Record<string, PageServer>>): Promise<string> {
  const forward = (from: IncomingMessage, to: ServerResponse) => {
    const [, first = ''] = (from.url ?? '').split('/');
    const { hostname, port } = new URL(servers[`/${first}`]?.url ?? '');
    const { method, url, headers } = from;
    const passed = ask({ hostname, port, method, path: url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    from.pipe(passed);
  };
  const proxy = createServer(forward);
  onTestFinished(() => closeServer(proxy));
  return `http://127.0.0.1:${await listenLocally(proxy)}`;
}

describe('a server with a path before all others', () => {
  it('has its page, its API and its signals there, and nothing elsewhere', async () => {
    const server = await startAt('/a.b/questlog');
    const { origin } = new URL(server.url);
    expect(server.url).toBe(`${origin}/a.b/questlog`);
    const page = await openPage(server, '');
    await say(page, 'Where are we?');
    await page.getByText('Well met!').waitFor();
    await expect.poll(() => page.url()).toMatch(/\/a\.b\/questlog\/c\/[\w-]+$/);
    await page.reload();
    await page.getByText('Well met!').waitFor();
    const { chats } = await server.client.listChats();
    const [first] = chats;
    // By a signal: the page asks by itself much later.
    const other = await server.client.createChat({ title: 'Made elsewhere' });
    await page.getByRole('link', { name: 'Made elsewhere' }).click();
    await expect.poll(() => page.url()).toBe(`${server.url}/c/${other.chat_id}`);
    await page.goBack();
    await expect.poll(() => page.url()).toBe(`${server.url}/c/${first?.chat_id}`);
    await page.getByRole('button', { name: 'New chat', exact: true }).first().click();
    await expect.poll(() => page.url()).toBe(`${server.url}/`);

    for (const path of ['/health', '/docs', '/openapi.json', '/chats', '/']) {
      expect((await fetch(server.url + path)).status, path).toBe(200);
      expect((await fetch(origin + path)).status, path).toBe(404);
    }
    const made = await fetch(`${server.url}/chats`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const place = made.headers.get('location') ?? '';
    expect((await fetch(origin + place)).status).toBe(200);
    const api = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(api.paths).filter((path) => !path.startsWith('/a.b/questlog/'))).toEqual([]);
  });

  it('shares nothing in the browser with another one of the same origin', async () => {
    const [one, two] = await Promise.all([startAt('/one'), startAt('/two')]);
    const origin = await startProxy({ '/one': one, '/two': two });
    const person = await newPerson();
    const open = async (path: string) => {
      const tab = await person.newPage();
      await tab.goto(origin + path);
      const box = tab.getByLabel('Message', { exact: true });
      await box.waitFor();
      return { tab, box };
    };
    const first = await open('/one/');
    await first.box.fill('Only for the first');
    await first.tab.close();
    const second = await open('/two/');
    await second.tab.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    const again = await open('/one/');
    await expect.poll(() => again.box.inputValue()).toBe('Only for the first');
    expect(await second.box.inputValue()).toBe('');
  });
});
