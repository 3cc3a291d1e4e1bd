import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { onElement, openPage, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

const ARABIC = [
  'مرحبا، كيف حالك؟',
  '- السيف الأول!\n- درع (قديم)',
  '> اقتباس',
  '| الوحش | النقاط |\n|---|---|\n| غول | 7 |',
  '```\n# تعليق\n```',
  'English again.',
].join('\n\n');

const styleOf = (element: Locator, name: string): Promise<string> =>
  element.evaluate(onElement(`(node) => getComputedStyle(node).${name}`));

/** Whether the words of a block are on the right of it. */
const isOnTheRight = (block: Locator): Promise<boolean> =>
  block.evaluate(
    onElement(`(node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const [words, box] = [range.getClientRects()[0], node.getBoundingClientRect()];
    return words.left - box.left > box.right - words.right;
  }`),
  );

describe('an answer', () => {
  it('lies in the direction of its own writing, block by block', async () => {
    const page = await openPage(await pageServer(() => ({ text: ARABIC })));
    await say(page, 'שלום, מה שלומך?');
    const log = page.getByRole('log');
    await log.getByText('English again.').waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    for (const name of ['.said', '.markdown ul', 'li', 'blockquote', 'table', 'td'])
      expect([name, await styleOf(log.locator(name).first(), 'direction')]).toEqual([name, 'rtl']);
    expect(await isOnTheRight(log.getByText('مرحبا'))).toBe(true);
    expect(await isOnTheRight(log.locator('pre'))).toBe(true);
    expect(await isOnTheRight(log.getByText('English again.'))).toBe(false);
    const list = log.locator('.markdown ul');
    expect(await styleOf(list, 'paddingRight')).not.toBe('0px');
    expect(await styleOf(page.getByRole('heading', { level: 1 }), 'direction')).toBe('rtl');
    await page.getByLabel('Message', { exact: true }).fill('مرحبا');
    expect(await styleOf(page.getByLabel('Message', { exact: true }), 'direction')).toBe('rtl');
  });

  it('scrolls its tables on a narrow screen rather than break their words', async () => {
    const row = (word: string) => `| ${Array.from({ length: 7 }, () => word).join(' | ')} |`;
    const text = [row('Constitution'), row('---'), row('Proficiency')].join('\n');
    const page = await openPage(await pageServer(() => ({ text })), '/', {
      viewport: { width: 360, height: 640 },
    });
    await say(page, 'A table');
    const cell = page.getByRole('cell', { name: 'Proficiency' }).first();
    await cell.waitFor();
    expect((await cell.boundingBox())?.height).toBeLessThan(50);
    expect(
      await page.locator('.table').evaluate(onElement('(node) => node.scrollWidth > node.clientWidth')),
    ).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  it('has tasks with names and lists within them, footnotes on this page, and no links that lead nowhere', async () => {
    const text = [
      '- [x] Find the key\n  - [ ] In the cellar\n- [ ] Open the door',
      'It is old.[^1] [wrong](javascript:alert(1))',
      '[^1]: Older than the house.',
    ].join('\n\n');
    const page = await openPage(await pageServer(() => ({ text })));
    await say(page, 'A plan');
    const log = page.getByRole('log');
    await log.getByText('Find the key').waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    expect(await log.getByRole('checkbox', { name: 'Done' }).count()).toBe(1);
    expect(await log.getByRole('checkbox', { name: 'To do' }).count()).toBe(2);
    const left = async (words: string) => (await log.getByText(words).boundingBox())?.x ?? 0;
    expect((await left('In the cellar')) - (await left('Open the door'))).toBeGreaterThan(12);
    expect(await log.getByRole('link', { name: 'wrong' }).count()).toBe(0);
    expect(await log.locator('a[href=""], a:not([href])').count()).toBe(0);
    const address = page.url();
    await log.getByRole('link', { name: '1', exact: true }).click();
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Older than the house.');
    expect(page.url()).toBe(address);
    expect(page.context().pages()).toHaveLength(1);
  });

  it('that was stopped says so once', async () => {
    const page = await openPage(await pageServer(() => ({ text: 'Once upon a time', hangAfter: 2 })));
    await say(page, 'A story');
    await page.getByText('Once upon').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();
    await expect.poll(() => page.locator('.responding').count()).toBe(0);
    expect(await page.getByText('This answer was cut off.').count()).toBe(0);
    await page.reload();
    await page.getByText('You stopped this answer.').waitFor();
    expect(await page.getByText('This answer was cut off.').count()).toBe(0);
  });

  it('has cards that look as if they open', async () => {
    const roll = {
      calls: [{ name: 'roll_dice', args: { notation: '3d6' } }],
      reasoning: 'Dice are asked for',
    };
    const page = await openPage(
      await pageServer((input) =>
        input.at(-1)?.type === 'function_call_output' ? { text: 'Rolled.' } : roll,
      ),
    );
    await say(page, 'Roll');
    await page.getByText('Rolled.').waitFor();
    for (const card of ['details.tool', 'details.reasoning']) {
      const mark = page.locator(`${card} summary .icon`).first();
      const before = await styleOf(mark, 'rotate');
      await page.locator(`${card} summary`).click();
      await expect.poll(() => styleOf(mark, 'rotate')).not.toBe(before);
    }
  });
});

describe('what the person wrote', () => {
  it('shows code and links as such, and all else as it was written', async () => {
    const page = await openPage(await pageServer());
    const text =
      '# not a heading, 2*3*4\n```ts\nconst a = 1;\n```\nsee `roll()` at https://example.com/a?b=1.';
    await say(page, text);
    const said = page.locator('.said');
    await said.waitFor();
    expect(await said.locator('pre code').textContent()).toBe('const a = 1;');
    expect(
      await said.getByText('roll()', { exact: true }).evaluate(onElement('(node) => node.tagName')),
    ).toBe('CODE');
    expect(await said.getByRole('link').getAttribute('href')).toBe('https://example.com/a?b=1');
    expect(await said.textContent()).toContain('# not a heading, 2*3*4');
    expect(await said.getByRole('heading').count()).toBe(0);
  });

  it('is folded when it is very long', async () => {
    const server = await pageServer();
    const conversation = [{ role: 'user', content: 'A long line of words.\n'.repeat(50_000) }];
    const { chat_id } = await server.client.createChat({ title: 'A book', conversation });
    const page = await openPage(server, `/c/${chat_id}`);
    await page.getByRole('button', { name: 'Show all' }).waitFor();
    expect((await page.locator('.said').boundingBox())?.height).toBeLessThan(4_000);
  });
});
