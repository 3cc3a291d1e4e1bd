import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { cachedFolder } from '../support/cached-folder.ts';
import { startFirefox } from './firefox.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A browser that starts with nothing of anybody's and asks nobody but the page. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--font-render-hinting=none',
];

/**
 * Firefox is driven by WebDriver BiDi: what that does not tell of, such as downloads, workers and a change of the theme, and
 * requests that the driver answers or drops while the page waits for them, is tested in Chromium alone.
 */
export const IS_FIREFOX = (process.env.FIREFOX_PATH ?? '') !== '';

/** Starts the Firefox that `FIREFOX_PATH` names, or headless Chromium. */
export function startBrowser(): Promise<Browser> {
  const firefox = process.env.FIREFOX_PATH;
  return firefox ? startFirefox(firefox) : startChromium();
}

/** The one that `CHROMIUM_PATH` names, or the one that npm has brought. */
async function startChromium(): Promise<Browser> {
  // UTF-8 for the names of what it downloads.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  return chromium.launch({ executablePath: browserPath(), args: ARGS, env, headless: true });
}

function browserPath(): string {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH names ${given}, which is not there`);
    return given;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`npm brings a Chromium for Linux x64 only: name one of this machine with CHROMIUM_PATH`);
  }
  const { version } = JSON.parse(
    readFileSync(join(ROOT, 'node_modules/@sparticuz/chromium/package.json'), 'utf8'),
  );
  return join(cachedFolder('questlog-chromium', version, unpackChromium), 'chromium');
}

/** In a process whose temporary folder is this one: the package unpacks there, and takes what is there for whole. */
function unpackChromium(folder: string): void {
  const args = ['--import', 'tsx', 'test/web/unpack-chromium-program.ts'];
  execFileSync(process.execPath, args, { cwd: ROOT, env: { ...process.env, TMPDIR: folder } });
}
