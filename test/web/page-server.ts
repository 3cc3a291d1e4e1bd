import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { inject, onTestFinished } from 'vitest';
import { QuestlogClient } from '../../src/client/index.ts';
import { cachedFolder } from '../support/cached-folder.ts';
import { compiled } from '../support/compiled.ts';
import { databaseBeside, newFolder } from '../support/databases.ts';
import { BROWSER_FILE } from '../support/environment-reporter.ts';
import { type Program, type ProgramOptions, startProgram } from '../support/process.ts';
import type { Script } from '../support/strict/reply.ts';
import { type StrictOpenAi, startStrictOpenAi } from '../support/strict/strict-openai.ts';
import { IS_FIREFOX, startBrowser } from './browser.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A server process that serves the built page, and the model that it asks. */
export interface PageServer {
  readonly url: string;
  /** What the model says; set it anew at will. */
  readonly model: StrictOpenAi;
  readonly program: Program;
  /** The API, as the page's user. */
  readonly client: QuestlogClient;
}

let shared: Promise<PageServer> | undefined;

/** The server that the tests of a worker share, with what its model says in this test. */
export async function pageServer(script: Script = () => ({ text: 'Well met!' })): Promise<PageServer> {
  shared ??= startPageServer();
  const server = await shared;
  server.model.script = script;
  return server;
}

/** Starts what a worker's tests share, which takes a while: in a hook, whose time is not a test's. */
export async function preparePage(): Promise<void> {
  await Promise.all([pageServer(), sharedBrowser()]);
}

/** Starts one more server; it ends with the tests, or sooner by its program. */
export async function startPageServer(
  env: Readonly<Record<string, string>> = {},
  options: Pick<ProgramOptions, 'args' | 'cwd'> = {},
): Promise<PageServer> {
  putPageBesideServer();
  const model = await startStrictOpenAi(() => ({ text: 'Well met!' }));
  const program = startProgram(compiled('src/server/cli.ts'), {
    // Where no developer has put a `.env` file, whose database the tests would empty.
    cwd: newFolder(),
    ...options,
    env: {
      PORT: '0',
      ...databaseBeside(env),
      QUESTLOG_RATE_LIMIT: '100000',
      LOG_LEVEL: 'warn',
      OPENAI_API_KEY: 'key',
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API: 'responses',
      ...env,
    },
  });
  const url = /http:\/\/\S+/.exec(await program.line(/^Questlog listens on /))?.[0] ?? '';
  return { url, model, program, client: new QuestlogClient({ baseUrl: url }) };
}

let browser: Promise<Browser> | undefined;

function sharedBrowser(): Promise<Browser> {
  browser ??= startBrowser().then((started) => {
    writeFileSync(join(inject('scratch'), BROWSER_FILE), `Chromium ${started.version()}`);
    return started;
  });
  return browser;
}

/** A person with a browser of their own, which is gone when the test ends. Whatever the page says wrong fails the test. */
export async function newPerson(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await (await sharedBrowser()).newContext({ reducedMotion: 'reduce', ...options });
  // As `expect.poll` in vitest.config.ts.
  context.setDefaultTimeout(60_000);
  const problems: string[] = [];
  context.on('weberror', (error) => problems.push(String(error.error())));
  onTestFinished(async () => {
    await context.close();
    if (problems.length > 0) throw new Error(`the page failed: ${problems.join('\n')}`);
  });
  return context;
}

/** A person who has opened the page. */
export async function openPage(
  { url }: PageServer,
  path = '/',
  options?: BrowserContextOptions,
): Promise<Page> {
  const page = await (await newPerson(options)).newPage();
  await page.goto(url + path);
  return page;
}

/** Writes into the message box and sends it, as soon as the page takes a message. */
export async function say(page: Page, text: string): Promise<void> {
  const [first = '', ...lines] = IS_FIREFOX ? text.split('\n') : [text];
  await page.getByLabel('Message', { exact: true }).fill(first);
  // The driver of Firefox presses Enter for the end of a line.
  for (const line of lines) {
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.insertText(line);
  }
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
  await page.keyboard.press('Enter');
}

/** Lets the page read the clipboard. Firefox asks nobody for it here, and knows no such permission. */
export async function allowClipboard(page: Page): Promise<void> {
  if (!IS_FIREFOX) await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
}

/** A function of an element, for the page: the tests have no types of a browser. */
export function onElement<Result>(source: string): (element: unknown, argument?: unknown) => Result {
  return new Function('element', 'argument', `return (${source})(element, argument)`) as never;
}

/** The built page where the compiled server looks for it. */
function putPageBesideServer(): void {
  const place = join(ROOT, compiled('src/server/cli.ts'), '../../web');
  const link = `${place}-${process.pid}`;
  symlinkSync(builtPage(), link);
  renameSync(link, place);
}

/** @returns the folder of the built page: made when something of it has changed. */
export function builtPage(): string {
  // The client takes what goes over the wire from `src/wire`.
  const hash = hashOf('web', 'src/client', 'src/wire', 'package.json');
  return cachedFolder('questlog-page', hash, (folder) => {
    const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
    const args = ['build', '-c', 'web/vite.config.ts', '--outDir', folder, '--logLevel', 'warn'];
    // Vitest says `test`, and React would bring what helps to develop with it.
    const env = { ...process.env, NODE_ENV: 'production' };
    execFileSync(process.execPath, [vite, ...args], { cwd: ROOT, env });
  });
}

function hashOf(...paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const isFolder = statSync(join(ROOT, path)).isDirectory();
    const names = isFolder
      ? readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).sort()
      : [''];
    for (const name of names) {
      const file = join(ROOT, path, name);
      if (statSync(file).isFile()) hash.update(`${path}/${name}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** What a server replies that does not take a message, ever. */
export const REFUSAL = {
  status: 422,
  contentType: 'application/problem+json',
  body: JSON.stringify({ status: 422, code: 'invalid_request', title: 'Refused', detail: 'Refused' }),
};
