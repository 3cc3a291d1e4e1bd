/**
 * Writes pictures of every state of the page, light and dark, wide and narrow, to the folder that it is given, for people to
 * look at: `npm run screenshots:states -- FOLDER`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startStrictOpenAi } from '../../test/support/strict/strict-openai.ts';
import { startBrowser } from '../../test/web/browser.ts';
import { makeChats, STATES, type State, script } from './list-states.ts';
import { startPage } from './start-page.ts';

const [folder = ''] = process.argv.slice(2);
if (folder === '') throw new Error('usage: npm run screenshots:states -- FOLDER');

const SIZES = { wide: { width: 1200, height: 760 }, narrow: { width: 390, height: 760 } };

mkdirSync(folder, { recursive: true });
const model = await startStrictOpenAi(script);
const server = await startPage({
  OPENAI_API_KEY: 'key',
  OPENAI_BASE_URL: model.baseUrl,
  OPENAI_API: 'responses',
  QUESTLOG_MODEL_INPUTS: 'text,image',
});
const browser = await startBrowser();
try {
  await makeChats(server.client);
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const look: BrowserContextOptions = { viewport, colorScheme, reducedMotion: 'reduce' };
      for (const [name, state] of Object.entries(STATES)) {
        await shoot(`${name}-${size}-${colorScheme}`, look, state);
      }
    }
  }
} finally {
  await browser.close();
  await server.stop();
  await model.close();
}

async function shoot(name: string, look: BrowserContextOptions, state: State): Promise<void> {
  const context = await browser.newContext(look);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  try {
    await page.goto(server.url);
    await page.getByLabel('Message', { exact: true }).waitFor();
    await state(page, server.url);
    await settle(page);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(name);
  } catch (error) {
    console.log(`${name}: ${String(error).split('\n')[0]}`);
  }
  await context.close();
}

/** Fonts, pictures and what is fetched on demand. */
async function settle(page: Page): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => new Promise((done) => setTimeout(done, 150)))');
}
