import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { head, sendRaw } from '../support/raw-request.ts';
import { IS_FIREFOX } from './browser.ts';
import { builtPage, openPage, pageServer, preparePage, say, startPageServer } from './page-server.ts';

const MOST_SCRIPT_BYTES = 230_000;

beforeAll(preparePage);

describe('the page', () => {
  it('is there at every address of its own, and unknown ones are still problems', async () => {
    const { url } = await pageServer();
    for (const path of ['/', '/c/any', '/deleted', '/archived', '/handler/oauth-callback']) {
      const reply = await fetch(url + path);
      expect([path, reply.status, reply.headers.get('cache-control')]).toEqual([path, 200, 'no-cache']);
      expect(reply.headers.get('content-type')).toContain('text/html');
    }
    const nowhere = await fetch(`${url}/nowhere`);
    expect([nowhere.status, ((await nowhere.json()) as { code: string }).code]).toEqual([404, 'not_found']);
    const html = await fetch(`${url}/nowhere`, { headers: { accept: 'text/html,*/*' } });
    expect([html.status, html.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    for (const { headers } of [nowhere, html]) expect(headers.get('vary')).toMatch(/(^|, )accept(,|$)/);
    expect((await fetch(`${url}/docs`)).status).toBe(200);
  });

  it('tells people that there is nothing at an address, and leads them on', async () => {
    const page = await openPage(await pageServer(), '/foo/bar');
    await page.getByText('There is nothing at this address').waitFor();
    await page.getByRole('button', { name: 'New chat' }).last().click();
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
  });

  it('has no address that is a failure of the server, whatever it says of folders', async () => {
    const { url } = await pageServer();
    const accept = 'Accept-Encoding: gzip, br';
    for (const path of [
      '/assets/../x',
      '/assets/..',
      '/assets/%00',
      '/assets/%2e%2e%2fx',
      '/assets/',
      '/assets/x',
    ]) {
      const { status, headers } = await sendRaw(
        url,
        head(`GET ${path}`, accept, 'Range: bytes=9-', 'If-Match: "x"'),
      );
      expect([400, 404], path).toContain(status);
      expect(headers['content-type'], path).toBe('application/problem+json; charset=utf-8');
    }
  });

  it('allows no script but its own files, and they are kept for good', async () => {
    const { url } = await pageServer();
    const reply = await fetch(url);
    const policy = reply.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self'");
    const html = await reply.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    const scripts = [...html.matchAll(/src="([^"]+\.js)"/g)].map(([, path]) => path);
    expect(scripts.length).toBeGreaterThan(0);
    for (const path of scripts) {
      for (const coding of ['br', 'gzip']) {
        const { headers } = await fetch(url + path, { headers: { 'accept-encoding': coding } });
        expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
        expect(headers.get('content-encoding')).toBe(coding);
      }
    }
  });

  it('needs less than 230 kB of script before it works', () => {
    const folder = builtPage();
    const html = readFileSync(join(folder, 'index.html'), 'utf8');
    const names = readdirSync(join(folder, 'assets')).filter(
      (name) => name.endsWith('.js') && html.includes(name),
    );
    expect(names.length).toBeGreaterThan(0);
    const sizes = names.map((name) => gzipSync(readFileSync(join(folder, 'assets', name))).length);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(MOST_SCRIPT_BYTES);
  });

  it('asks nobody but its server, and says nothing wrong on the console', async () => {
    const server = await pageServer();
    const page = await openPage(server);
    const outside: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url)) outside.push(request.url());
    });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    await page.reload();
    await say(page, 'Hello');
    await page.getByText('Well met!').waitFor();
    expect({ outside, complaints }).toEqual({ outside: [], complaints: [] });
  });

  it('says that the offline model answers', async () => {
    const server = await startPageServer({ OPENAI_API_KEY: '', OPENAI_BASE_URL: '' });
    const page = await openPage(server);
    await page.getByText('offline model', { exact: true }).waitFor();
    await page.getByText(/The offline model answers/).waitFor();
    await page.getByRole('button', { name: 'Roll 4d6kh3 for my strength' }).click();
    await page.getByText(/The dice fall/).waitFor();
    await server.program.kill('SIGTERM');
  });

  it.skipIf(IS_FIREFOX)('says so when the server does not answer, and comes back with it', async () => {
    const server = await pageServer();
    const { chat_id } = await server.client.createChat({ title: 'Here again' });
    const page = await openPage(server, '/deleted');
    await page.getByRole('heading', { name: 'Deleted chats', level: 1 }).waitFor();
    await page.route('**/chats**', (route) => route.abort());
    await page.evaluate(
      `history.pushState(null, '', '/c/${chat_id}'); dispatchEvent(new PopStateEvent('popstate'))`,
    );
    await page.getByText('The chat could not be loaded').waitFor();
    await page.unroute('**/chats**');
    // Unless it has come back by itself meanwhile.
    const isBack = page.getByRole('heading', { name: 'Here again', level: 1 }).waitFor();
    await Promise.race([page.getByRole('button', { name: 'Try again' }).first().click(), isBack]);
    await isBack;
  });
});
