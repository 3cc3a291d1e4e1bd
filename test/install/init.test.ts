import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type PackageName, type Packed, packAll } from '../support/packages.ts';
import { binOf, Folder } from './npm.ts';

const INIT = `
  import { execFileSync } from 'node:child_process';
  console.log(execFileSync('node_modules/.bin/questlog', ['init', 'shop'], { encoding: 'utf8' }));`;

/** Does what the README of the folder says, asks what the page suggests, and stops it. */
const TALK = `
  import { spawn } from 'node:child_process';
  const server = spawn('npm', ['start'], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of server.stdout) {
    const url = String(chunk).match(/http:[^\\s]+:[0-9]+/)?.[0];
    if (url === undefined) continue;
    const { agents: [{ path, suggestions }] } = await (await fetch(url + '/agents')).json();
    for (const input of suggestions) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ input });
      const run = await (await fetch(url + path + '/run', { method: 'POST', headers, body })).json();
      console.log(run.pending?.[0]?.name ?? run.final_output);
    }
    server.kill();
    break;
  }`;

describe('questlog init, of the packages that would be published', { timeout: 300_000 }, () => {
  let packed: Record<PackageName, Packed>;

  beforeAll(() => {
    packed = packAll();
  });

  // The first reads TypeScript through tsx, the last by itself.
  it.each([20, 24])('makes a folder that installs, starts and answers on Node %i', (major) => {
    const tarballs = Object.values(packed).map(({ tarball }) => tarball);
    const host = new Folder(binOf(major));
    host.install(...tarballs);
    expect(host.run('init.mjs', INIT)).toMatch(/^made shop; go on with:/);
    const made = new Folder(binOf(major), join(host.path, 'shop'));
    // Until they are published npm has to be told where they are.
    made.install(...tarballs);
    expect(made.run('talk.mjs', TALK)).toContain('look_up_order gave: Order 42 is on its way.\nrefund');
  });
});
