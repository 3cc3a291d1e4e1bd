/**
 * Writes the pictures of the page that the README shows to docs/screenshots/: builds it, starts the server on an empty
 * database and talks to the offline model. Run it with `npm run screenshots`.
 */
import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { newId } from '../../src/client/index.ts';
import { startBrowser } from '../../test/web/browser.ts';
import { startPage } from './start-page.ts';

const FOLDER = 'docs/screenshots';
const WIDE = { width: 1200, height: 760 };
const NARROW = { width: 390, height: 760 };

const PLAN = `Here is a first evening for four characters of level 1.

| Encounter | Where | Difficulty |
| --- | --- | --- |
| Goblin scouts | the ruined gate | easy |
| The locked library | second floor | a riddle |
| Balsag the ogre | the citadel's well | hard |

Balsag hits with a greatclub:

\`\`\`text
1d20+6 to hit, 2d8+4 bludgeoning
\`\`\`

Shall I write the riddle?`;

const { url, client, stop } = await startPage();
mkdirSync(FOLDER, { recursive: true });
const browser = await startBrowser();
try {
  const { plan, waiting } = await fill();
  await shoot('new-chat', '/', WIDE, 'light');
  await shoot('conversation', `/c/${plan}`, WIDE, 'light');
  await shoot('conversation-dark', `/c/${plan}`, WIDE, 'dark');
  await shoot('approval', `/c/${waiting}`, WIDE, 'light');
  await shoot('conversation-narrow', `/c/${plan}`, NARROW, 'dark');
  await shoot('chats-narrow', '/', NARROW, 'light', async (page) => {
    await page.getByRole('button', { name: 'Show the list of chats' }).click();
  });
} finally {
  await browser.close();
  await stop();
}

async function fill(): Promise<{ plan: string; waiting: string }> {
  for (const title of ['Taverns of the coast', 'A heist in the harbour', 'Names for a thieves’ guild']) {
    await client.createChat({ title });
  }
  const conversation = [
    { role: 'user', content: 'Plan the first evening of The Sunless Citadel' },
    {
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: PLAN }],
    },
  ];
  const plan = (await client.createChat({ title: 'The Sunless Citadel', conversation })).chat_id;
  await client.run({ input: 'Roll 4d6kh3 for the ogre’s strength', session_id: plan });
  const waiting = newId();
  await client.run({ input: 'Remember that the dragon sleeps until spring', session_id: waiting });
  const notes = await client.run({ input: 'Show my notes', session_id: waiting });
  const noteId = /\(([\w-]+)\)/.exec(String(notes.final_output))?.[1];
  await client.run({ input: `Delete the note ${noteId}`, session_id: waiting });
  return { plan, waiting };
}

async function shoot(
  name: string,
  path: string,
  viewport: { readonly width: number; readonly height: number },
  colorScheme: 'light' | 'dark',
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<void> {
  const page = await (browser as Browser).newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
  await page.goto(url + path, { waitUntil: 'networkidle' });
  await prepare(page);
  await page.screenshot({ path: `${FOLDER}/${name}.png` });
  await page.close();
  console.log(`${FOLDER}/${name}.png`);
}
