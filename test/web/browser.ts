import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

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

/** Starts headless Chromium: the one that `CHROMIUM_PATH` names, or the one that npm has brought. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await browserPath(), args: ARGS, headless: true });
}

async function browserPath(): Promise<string> {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH names ${given}, which is not there`);
    return given;
  }
  const { default: bundled } = await import('@sparticuz/chromium');
  return bundled.executablePath();
}
