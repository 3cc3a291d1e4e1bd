import { beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { openPage, pageServer, preparePage, say } from './page-server.ts';
import { attached, pick, png, text } from './sample-files.ts';

beforeAll(preparePage);

/** A file that no model takes. */
const ODD_FILE = { name: 'odd.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(8) };

const CARDS = [
  { reasoning: 'Dice are asked for', calls: [{ name: 'roll_dice', args: { notation: '3d6' } }] },
  { calls: [{ name: 'delete_note', args: { note_id: 'n1' } }] },
];

describe.each(['light', 'dark'] as const)('accessibility in %s', (colorScheme) => {
  it('has no faults that axe-core knows, in any state', async () => {
    const server = await pageServer((input) => {
      const results = input.filter(({ type }) => type === 'function_call_output').length;
      return CARDS[results] ?? { text: 'Done.' };
    });
    const page = await openPage(server, '/', { colorScheme });
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    expect(await faultsOf(page), 'a new chat').toEqual([]);
    await say(page, 'Roll, and delete the note n1');
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await page.locator('details.tool summary').first().click();
    expect(await faultsOf(page), 'tools, reasoning and an approval').toEqual([]);
    server.model.script = () => ({
      text: '# Title\n\n- [x] task\n\nword[^1]\n\n[^1]: A note.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nlet a;\n```\n\nand then',
      hangAfter: 11,
    });
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('cell', { name: '1' }).waitFor();
    expect(await faultsOf(page), 'an answer on its way').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();
    expect(await faultsOf(page), 'a stopped answer').toEqual([]);
    server.model.script = () => ({ error: { status: 400 } });
    await say(page, 'And now');
    await page.getByRole('alert').waitFor();
    expect(await faultsOf(page), 'a failed answer').toEqual([]);
    await page.locator('.message[data-role="user"]').last().hover();
    await page.getByRole('button', { name: 'Edit and send again' }).last().click();
    await page.getByLabel('Edit the message').waitFor();
    expect(await faultsOf(page), 'a message that is edited').toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await pick(page, png('map.png'), text('note.txt', 'A note'), ODD_FILE);
    await page.getByText('odd.bin').waitFor();
    await attached(page).getByText('note.txt').waitFor();
    expect(await faultsOf(page), 'files that are attached, and one that is not').toEqual([]);
    server.model.script = () => ({ text: 'I see.' });
    await page.getByLabel('Message', { exact: true }).press('Enter');
    await page.getByText('I see.').waitFor();
    await page.getByRole('button', { name: 'Answer again' }).last().click();
    await page.getByText('2 / 2').waitFor();
    await page.getByRole('button', { name: 'Bad answer' }).last().click();
    await page.getByLabel('Why? (optional)').waitFor();
    await page.getByLabel('Export this chat').click();
    await page.getByText('tokens in').last().waitFor();
    const { chat_id } = await server.client.createChat({ title: 'With news' });
    await page.getByRole('link', { name: 'With news (unread)' }).waitFor();
    expect(await faultsOf(page), 'files, versions, feedback, usage and what is unread').toEqual([]);
    await server.client.deleteChat(chat_id);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
    expect(await faultsOf(page), 'the settings').toEqual([]);
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await faultsOf(page), 'the shortcuts').toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 360, height: 640 });
    await page.getByRole('button', { name: 'Show the list of chats' }).click();
    await page.getByRole('searchbox').fill('no such chat');
    await page.getByText('No title contains').waitFor();
    expect(await faultsOf(page), 'the list on a narrow screen').toEqual([]);
    await page.getByRole('searchbox').fill('delete note');
    await page.getByRole('region', { name: 'In conversations' }).locator('mark').first().waitFor();
    expect(await faultsOf(page), 'what was found').toEqual([]);
    await page.getByRole('region', { name: 'In conversations' }).getByRole('link').last().click();
    await page.locator('.message[data-marked]').waitFor();
    expect(await faultsOf(page), 'the place that was found').toEqual([]);
    await page.getByRole('button', { name: 'Show the list of chats' }).click();
    await page.getByRole('button', { name: 'Deleted chats' }).click();
    await page.getByRole('heading', { name: 'Deleted chats', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Restore With news' }).first().waitFor();
    expect(await faultsOf(page), 'the deleted chats').toEqual([]);
    await page.goto(`${server.url}/c/nobody-has-this`);
    await page.getByText('There is no such chat').waitFor();
    expect(await faultsOf(page), 'no such chat').toEqual([]);
  });
});

describe.each(['light', 'dark'] as const)('a rich answer in %s', (colorScheme) => {
  it('has no faults that axe-core knows', async () => {
    const code =
      '/** Note */\n@log\nexport class Dice<T> extends Set<string> {\n  sides = 6 + "d".length;\n  roll(): void { return null; }\n}';
    const text = [
      `\`\`\`ts\n${code}\n\`\`\``,
      '```diff\n- old\n+ new\n```\n\n```css\na.b { color: #fff }\n```\n\n```bash\necho "$HOME" | wc -l\n```',
      'So $x^2$, $\\wrong{y}$ and\n\n$$\n\\int_0^1 x\\,dx\n$$',
      '![A castle](https://pictures.example/castle.png)',
    ].join('\n\n');
    const page = await openPage(await pageServer(() => ({ text })), '/', { colorScheme });
    await say(page, 'Everything');
    await page.getByRole('button', { name: 'Show picture' }).waitFor();
    await page.locator('.katex').first().waitFor();
    await page.locator('.hljs-addition').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });
});

describe('the keyboard', () => {
  it('is enough for everything', async () => {
    const server = await pageServer(() => ({ text: 'An answer that waits for ever and', hangAfter: 4 }));
    const { chat_id } = await server.client.createChat({ title: 'Keys and locks' });
    const page = await openPage(server, `/c/${chat_id}`);
    await page.getByRole('heading', { name: 'Keys and locks' }).waitFor();
    await page.keyboard.press('Control+Shift+O');
    await page.getByRole('heading', { name: 'New chat' }).waitFor();
    await page.keyboard.type('First line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second line');
    await page.keyboard.press('Enter');
    await page.getByText('An answer that waits').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();
    expect(await page.locator('.said').textContent()).toBe('First line\nsecond line');
    await page.keyboard.press('Control+k');
    // The page moves there with its next frame.
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('search');
    // As one change: on a busy machine the letters would be searched for one by one, and each list replaces the last.
    await page.keyboard.insertText('keys and');
    await expect.poll(() => page.locator('.chat-row a').count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Keys and locks' }).waitFor();
    await page.getByRole('link', { name: 'Keys and locks' }).focus();
    for (const does of ['Pin', 'Rename', 'Archive', 'Delete']) {
      await page.keyboard.press('ArrowRight');
      expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe(
        `${does} Keys and locks`,
      );
    }
    await page.keyboard.press('Enter');
    await page.getByText('“Keys and locks” was deleted.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Keys and locks' }).waitFor();
  });

  it('always shows where it is', async () => {
    const page = await openPage(await pageServer());
    await page.getByRole('heading', { name: 'Dungeon Master' }).waitFor();
    await page.evaluate('document.activeElement.blur()');
    const seen = new Set<string>();
    for (let steps = 0; steps < 60 && !seen.has('Message'); steps++) {
      await page.keyboard.press('Tab');
      const [name, outline] = (await page.evaluate(`(() => {
        const at = document.activeElement;
        if (at === document.body) return [];
        const box = at.closest('.composer') ?? at;
        return [at.getAttribute('aria-label') ?? at.textContent, getComputedStyle(box).outlineStyle];
      })()`)) as string[];
      // Past the last one, the browser's own controls have their turn.
      if (name === undefined) continue;
      seen.add(name);
      expect([name, outline]).toEqual([name, 'solid']);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['Search titles and conversations', 'Message']));
  });

  it('finds nothing on a screen of 360 pixels that is wider than it', async () => {
    const page = await openPage(await pageServer(() => ({ text: `${'long'.repeat(60)} | a |` })), '/', {
      viewport: { width: 360, height: 640 },
    });
    await say(page, 'word'.repeat(60));
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    const log = "document.querySelector('[role=log]')";
    expect(await page.evaluate(`${log}.scrollWidth <= ${log}.clientWidth`)).toBe(true);
  });
});
