import type { Page } from 'playwright-core';
import { QuestlogClient } from '../../src/client/index.ts';
import type { Script } from '../../test/support/strict/reply.ts';

/** Brings the page into a state. */
export type State = (page: Page, url: string) => Promise<void>;

const RICH = `# What is in the citadel

1. **Goblins** at the gate, *asleep*
2. A library
   - [x] the door is found
   - [ ] the riddle is solved

\`\`\`ts
export function roll(sides: number): number {
  return 1 + Math.floor(Math.random() * sides); // one die
}
\`\`\`

The odds are $p = 1 - (5/6)^n$, and

$$\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}$$

| Encounter | Where | Difficulty | Treasure |
| --- | --- | --- | --- |
| Goblin scouts | the ruined gate | easy | 12 gp |
| Balsag the ogre | the well | hard | a greatclub |

> Nobody has come back from the well.[^1]

[^1]: But one.`;

const RTL = `# القلعة الغارقة

- الغيلان عند البوابة
- مكتبة \`roll(6)\`

הספרייה נמצאת בקומה השנייה.`;

/** What the model says, by what it is asked. */
export const script: Script = (input) => {
  const asked = JSON.stringify(input.filter((item) => item.role === 'user').at(-1) ?? '');
  const isAnswered = input.at(-1)?.type === 'function_call_output';
  if (asked.includes('Delete')) {
    return isAnswered ? { text: 'Done.' } : { calls: [{ name: 'delete_note', args: { note_id: 'n1' } }] };
  }
  if (asked.includes('Roll')) {
    const call = { name: 'roll_dice', args: { notation: '4d6kh3' } };
    return isAnswered ? { text: 'You rolled **14**.' } : { reasoning: 'Dice are needed.', calls: [call] };
  }
  if (asked.includes('long')) return { text: 'This takes its time, and goes on and on', hangAfter: 6 };
  if (asked.includes('overloaded')) return { error: { status: 429 } };
  return { text: asked.includes('rich') ? RICH : asked.includes('عربي') ? RTL : 'I see.' };
};

/** Chats for the list. */
export async function makeChats(client: QuestlogClient): Promise<void> {
  for (const title of [
    'Taverns of the coast',
    'A heist in the harbour',
    'أسماء اللصوص',
    'Names for a guild of thieves',
  ])
    await client.createChat({ title });
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
  await page.keyboard.press('Enter');
}

async function openList(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Show the list of chats' });
  if (await button.isVisible()) await button.click();
}

async function openData(page: Page): Promise<void> {
  await openList(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Your data' }).click();
  await page.getByRole('dialog', { name: 'Your data' }).waitFor();
}

/** A chat with everything that can be said of it. */
async function organised(baseUrl: string): Promise<string> {
  const client = new QuestlogClient({ baseUrl });
  const tags = ['campaign', 'خريطة', 'a tag that is as long as tags can be, and therefore cut off here'];
  const metadata = { project: 'citadel', chapter: 3, is_public: false, players: ['Ada', 'Grace'] };
  const { chat_id } = await client.createChat({ title: 'The sunless citadel', tags, metadata });
  await client.setChatExpiry(chat_id, new Date('2030-01-31T18:30:00Z'));
  return chat_id;
}

/** One that comes, one that is broken. */
const CONVERSATIONS = JSON.stringify([{ id: 'from-elsewhere', mapping: {} }, { id: 'broken' }]);

/** Of a chat, and of the rest of the page. */
export const STATES: Readonly<Record<string, State>> = {
  'new-chat': async () => undefined,
  list: openList,
  rich: async (page) => {
    await say(page, 'Show me something rich');
    await page.locator('.katex').first().waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
  },
  'right-to-left': async (page) => {
    await say(page, 'مرحبا عربي');
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
  },
  tools: async (page) => {
    await say(page, 'Roll 4d6kh3 for the ogre');
    await page.getByText('You rolled').waitFor();
    await page.getByText('roll_dice').first().click();
  },
  approval: async (page) => {
    await say(page, 'Delete the note n1');
    await page.getByRole('button', { name: 'Approve' }).waitFor();
  },
  streaming: async (page) => {
    await say(page, 'Tell me something long');
    await page.getByText('This takes').waitFor();
  },
  queued: async (page) => {
    await say(page, 'Tell me something long');
    await page.getByText('This takes').waitFor();
    await page.getByLabel('Message', { exact: true }).fill('And then?');
    await page.keyboard.press('Enter');
    await page.getByText('Waits for the answer').waitFor();
  },
  stopped: async (page) => {
    await say(page, 'Tell me something long');
    await page.getByText('This takes').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();
  },
  failed: async (page) => {
    await say(page, 'Are you overloaded?');
    await page.getByRole('alert').waitFor();
  },
  offline: async (page) => {
    await page.context().setOffline(true);
    await say(page, 'Is anybody there?');
    await page.getByText('Not sent').waitFor();
  },
  editing: async (page) => {
    await say(page, 'What do you see?');
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    await page.getByRole('button', { name: 'Edit and send again' }).last().click();
  },
  alternatives: async (page) => {
    await say(page, 'What do you see?');
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.getByText('2 / 2').waitFor();
    await page.getByRole('button', { name: 'Bad answer' }).last().click();
  },
  attached: async (page) => {
    const files = [
      { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('A note') },
      { name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4') },
    ];
    await page.locator('input[type=file]').setInputFiles(files);
    await page.getByText('map.pdf').first().waitFor();
  },
  settings: async (page) => {
    await openList(page);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
  },
  shortcuts: async (page) => {
    await page.keyboard.press('Escape');
    await openList(page);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  },
  details: async (page, url) => {
    const id = await organised(url);
    await page.goto(`${url}/c/${id}`);
    await page.getByRole('button', { name: /^Tags and details/ }).click();
    await page.getByRole('dialog', { name: 'Tags and details' }).waitFor();
  },
  'by-tag': async (page, url) => {
    await page.goto(`${url}/c/${await organised(url)}`);
    await openList(page);
    await page.getByRole('combobox', { name: 'Which chats are listed, by tag' }).selectOption('campaign');
    await page.getByRole('link', { name: 'The sunless citadel' }).first().waitFor();
  },
  data: openData,
  import: async (page) => {
    await openData(page);
    await page.locator('.data input[type=file]').setInputFiles([
      { name: 'conversations.json', mimeType: 'application/json', buffer: Buffer.from(CONVERSATIONS) },
      { name: 'photo.json', mimeType: 'application/json', buffer: Buffer.from('no chats') },
    ]);
    await page.getByText(/cannot come/).click();
    await page.getByText('Looking through').waitFor({ state: 'detached' });
  },
  erase: async (page) => {
    await openData(page);
    await page.getByRole('button', { name: 'Delete everything of mine' }).click();
    await page.getByRole('dialog', { name: 'Delete everything' }).waitFor();
  },
  'nothing-found': async (page) => {
    await openList(page);
    await page.getByRole('searchbox').fill('no such chat');
    await page.getByText('No title contains').waitFor();
  },
  deleted: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/deleted`);
    await page.getByRole('heading', { name: 'Deleted chats', level: 1 }).waitFor();
  },
  missing: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/c/nobody-has-this`);
    await page.getByText('There is no such chat').waitFor();
  },
  nowhere: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/no/such/page`);
    await page.getByRole('heading').first().waitFor();
  },
};
