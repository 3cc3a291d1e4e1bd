import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { QuestlogClient } from '../../src/client/index.ts';
import { newFolder } from '../support/databases.ts';
import { findProgram } from '../support/debian.ts';
import { createGate } from '../support/gate.ts';
import { freePort } from '../support/local-server.ts';
import { openPage, preparePage, say, startPageServer } from '../web/page-server.ts';

/** A proxy of ours: its configuration as we ship it, but for the addresses. */
interface Proxy {
  readonly name: string;
  readonly package: string;
  readonly path: string;
  readonly start: (command: string, server: string, port: number) => ChildProcess;
}

const NGINX: Proxy = {
  name: 'nginx',
  package: 'nginx',
  path: 'usr/sbin/nginx',
  start(command, server, port) {
    const folder = newFolder();
    const ours = shipped('nginx.conf')
      .replace('server 127.0.0.1:8000;', `server ${server};`)
      .replace('listen 80;', `listen 127.0.0.1:${port};`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${folder};`,
    );
    const main = `daemon off; pid ${folder}/pid; error_log stderr; events {}
      http { access_log off; ${temporary.join(' ')} ${ours} }`;
    writeFileSync(join(folder, 'nginx.conf'), main);
    return spawn(command, ['-c', join(folder, 'nginx.conf'), '-g', 'user root; master_process off;'], {
      stdio: 'inherit',
    });
  },
};

const CADDY: Proxy = {
  name: 'Caddy',
  package: 'caddy',
  path: 'usr/bin/caddy',
  start(command, server, port) {
    const folder = newFolder();
    const ours = shipped('Caddyfile')
      .replace('reverse_proxy 127.0.0.1:8000', `reverse_proxy ${server}`)
      .replace('chat.example.com {', `http://127.0.0.1:${port} {`);
    writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${ours}`);
    return spawn(command, ['run', '--config', join(folder, 'Caddyfile')], {
      stdio: 'ignore',
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    });
  },
};

beforeAll(preparePage);

describe.each([NGINX, CADDY])('behind $name with the configuration that is shipped', (proxy) => {
  it('the page, streams, sockets, long bodies and addresses of clients come through', async ({ skip }) => {
    const command = findProgram(proxy.package, proxy.path);
    if (command === undefined) return skip(`there is no ${proxy.name}, and no Debian package of it`);
    const server = await startPageServer({
      QUESTLOG_BASE_PATH: '/questlog',
      QUESTLOG_TRUST_PROXY: '1',
      LOG_LEVEL: 'info',
    });
    const port = await freePort();
    const child = proxy.start(command, new URL(server.url).host, port);
    onTestFinished(async () => {
      if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
    });
    const origin = `http://127.0.0.1:${port}`;
    const url = `${origin}/questlog`;
    const status = (path: string) => fetch(origin + path).then((reply) => reply.status);
    await expect.poll(() => status('/questlog/ready').catch(() => 0)).toBe(200);

    // As it is written, and what was not sent by this page comes by the socket.
    const second = createGate();
    server.model.script = () => ({
      text: 'The first half is here. The second half comes later.',
      hangAfter: 5,
      until: second.opened,
    });
    const page = await openPage({ ...server, url }, '');
    await say(page, 'Tell me both halves');
    await page.getByText('The first half is here.').waitFor();
    second.open();
    await page.getByText('The second half comes later.').waitFor();
    // By a socket: the page asks by itself within a minute, too.
    const sockets = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
    await page.reload();
    await sockets;
    const client = new QuestlogClient({ baseUrl: url });
    await client.createChat({ title: 'Made elsewhere' });
    await page.getByRole('link', { name: 'Made elsewhere' }).waitFor();

    const long = { content: 'x'.repeat(9_000_000), role: 'user' };
    const chat = await client.createChat({ conversation: [long] });
    const { conversation } = await client.getChat(chat.chat_id);
    expect(conversation).toHaveLength(1);
    // In the words of the server.
    const tooLong = { conversation: [long, long] };
    await expect(client.createChat(tooLong)).rejects.toMatchObject({
      status: 413,
      code: 'payload_too_large',
    });

    // What a client says of itself is before what the proxy has seen, and is not believed.
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    const left = async (given: object) => {
      const reply = await fetch(`${url}/docs/json`, { headers: { ...given } });
      return Number(reply.headers.get('x-ratelimit-remaining'));
    };
    expect(await left(headers)).toBe((await left({})) + 1);
  });
});

function shipped(name: string): string {
  return readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');
}
