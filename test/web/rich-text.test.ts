import type { Page, Request } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { IS_FIREFOX } from './browser.ts';
import { allowClipboard, onElement, openPage, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

/** The scripts and fonts that a page has fetched since. */
function assetsOf(page: Page): string[] {
  const names: string[] = [];
  page.on('request', (request: Request) => names.push(new URL(request.url()).pathname));
  return names;
}

/** Opens a chat in which the agent has said this. */
async function openAnswer(text: string, onPage?: (page: Page) => void): Promise<Page> {
  const server = await pageServer();
  const conversation = [
    { role: 'user', content: 'Tell me' },
    { role: 'assistant', content: [{ type: 'output_text', text }], status: 'completed', type: 'message' },
  ];
  const { chat_id } = await server.client.createChat({ title: 'Rich', conversation });
  const page = await openPage(server, '/deleted');
  await page.getByRole('heading', { name: 'Deleted chats', level: 1 }).waitFor();
  onPage?.(page);
  await page.evaluate(
    `history.pushState(null, '', '/c/${chat_id}'); dispatchEvent(new PopStateEvent('popstate'))`,
  );
  await page.locator('.message[data-role="assistant"] .markdown').waitFor();
  return page;
}

const CODE = '```ts\nconst answer: string = "forty-two"; // <b>yes</b>\n```';

describe('code in an answer', () => {
  it('has colours, which move nothing, and is copied as it was written', async () => {
    const page = await openAnswer(`Before\n\n${CODE}\n\nAfter`);
    await allowClipboard(page);
    await page.locator('pre .hljs-keyword').waitFor();
    const code = page.locator('pre code');
    expect(await code.textContent()).toBe('const answer: string = "forty-two"; // <b>yes</b>\n');
    expect(await code.locator('b').count()).toBe(0);
    const heights = await code.evaluate(
      onElement(`(node) => {
      const coloured = node.getBoundingClientRect().height;
      node.textContent = node.textContent;
      return [coloured, node.getBoundingClientRect().height];
    }`),
    );
    expect((heights as number[])[0]).toBe((heights as number[])[1]);
    await page.getByRole('button', { name: 'Copy the code' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      'const answer: string = "forty-two"; // <b>yes</b>\n',
    );
  });

  it('is coloured once it is whole, and not while it grows', async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `const a${index} = ${index};`).join('\n');
    const server = await pageServer(() => ({
      text: `\`\`\`ts\n${lines}\n\`\`\`\n\nand then`,
      hangAfter: 30,
    }));
    const page = await openPage(server);
    await say(page, 'Code');
    await page.getByText('const a2 =').waitFor();
    expect(await page.locator('pre span').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();
    server.model.script = () => ({ text: `\`\`\`ts\n${lines}\n\`\`\`\n\nand then` });
    await say(page, 'Once more');
    await page.getByText('const a39 =').waitFor();
    await page.locator('pre .hljs-keyword').first().waitFor();
  });

  it('is coloured in a worker, since that may take long, and what comes after it is, too', async () => {
    const page = await openAnswer(`\`\`\`csharp\n${'a b\n'.repeat(12_000)}\`\`\`\n\n${CODE}`);
    await page.locator('pre .hljs-keyword').first().waitFor();
    if (!IS_FIREFOX) expect(page.workers().length).toBeGreaterThan(0);
  });

  it('stays plain in a language that nobody knows, and where it is very long', async () => {
    const page = await openAnswer(
      `\`\`\`klingon\nconst a\n\`\`\`\n\n\`\`\`ts\n${'let a = 1;\n'.repeat(6_000)}\`\`\`\n\n${CODE}`,
    );
    await page.locator('pre .hljs-keyword').first().waitFor();
    expect(await page.locator('pre').nth(0).locator('span').count()).toBe(0);
    expect(await page.locator('pre').nth(1).locator('span').count()).toBe(0);
  });
});

describe('formulas in an answer', () => {
  it('are set, for the eye and the ear, with fonts of the server alone, and copied as TeX', async () => {
    let assets: string[] = [];
    const text =
      'So $x_1 + y_1$ and \\(a_b\\):\n\n\\[\nE = mc^2\n- \\frac{1}{2}\n\\]\n\n- $$z$$\n\n| a |\n|---|\n| $q$ |';
    const page = await openAnswer(text, (opened) => {
      assets = assetsOf(opened);
    });
    await expect.poll(() => page.locator('.katex').count()).toBe(5);
    expect(await page.locator('.katex-display').count()).toBe(2);
    expect(await page.locator('math').count()).toBe(5);
    expect(await page.locator('.katex-error').count()).toBe(0);
    await expect.poll(() => assets.filter((name) => name.endsWith('.woff2')).length).toBeGreaterThan(0);
    await expect.poll(() => page.evaluate('document.fonts.check("16px KaTeX_Math")')).toBe(true);
    await allowClipboard(page);
    await page
      .locator('.markdown > p')
      .first()
      .evaluate(
        onElement(`(node) => {
      getSelection().selectAllChildren(node);
      document.execCommand('copy');
    }`),
      );
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('So $x_1 + y_1$ and $a_b$:');
  });

  it('are not made of prices, variables of a shell, brackets and code', async () => {
    const text = [
      'It costs $5 and $10, US$5 to US$7, 20$ or 30$, **$4** or $1.50.',
      'Pay $20/month, or 200$ a year. $HOME/$USER, \\[see below\\], \\$x\\$',
      '`$x$` and `\\(y\\)`',
      '```\n$$\nx\n$$\n```',
      '$$ without an end',
    ].join('\n\n');
    let assets: string[] = [];
    const page = await openAnswer(text, (opened) => {
      assets = assetsOf(opened);
    });
    await expect.poll(() => assets.some((name) => /\/maths-[^/]+\.js$/.test(name))).toBe(true);
    const shown = await page.locator('.markdown').textContent();
    expect(shown).toContain('It costs $5 and $10, US$5 to US$7, 20$ or 30$, $4 or $1.50.');
    expect(shown).toContain('Pay $20/month, or 200$ a year. $HOME/$USER, [see below], $x$');
    expect(shown).toContain('$x$ and \\(y\\)');
    expect(shown).toContain('$$ without an end');
    expect(await page.locator('.formula, .katex').count()).toBe(0);
    expect(assets.some((name) => /\/formula-[^/]+\.js$/.test(name))).toBe(false);
  });

  it('lead nowhere, load nothing, and end', async () => {
    const bomb =
      '\\def\\a{\\b\\b\\b\\b}\\def\\b{\\c\\c\\c\\c}\\def\\c{\\d\\d\\d\\d}\\def\\d{\\e\\e\\e\\e}\\def\\e{\\f\\f\\f\\f}\\def\\f{x}\\a\\a\\a\\a';
    const text = [
      '$\\href{javascript:alert(1)}{x}$ $\\url{https://example.com}$',
      '$\\includegraphics{https://example.com/a.png}$ $\\htmlStyle{position:fixed}{x}$',
      `$${bomb}$`,
      '$\\rule{9999em}{9999em}$ $\\frac{1$ $\\text{<img src=x onerror=alert(1)>}$',
      'The end.',
    ].join('\n\n');
    const page = await openAnswer(text);
    const answer = page.locator('.markdown');
    await page.locator('.katex').first().waitFor();
    expect(await answer.locator('a, img, [style*="position:fixed"]').count()).toBe(0);
    await page.getByText('The end.').waitFor();
    expect((await answer.boundingBox())?.height).toBeLessThan(3_000);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  it('lie from left to right within Arabic', async () => {
    const page = await openAnswer('- المعادلة $1 - 2 = 3$ هنا');
    const formula = page.locator('.katex-html');
    await formula.waitFor();
    expect(await formula.evaluate(onElement('(node) => getComputedStyle(node).direction'))).toBe('ltr');
    const left = async (text: string) =>
      (await formula.getByText(text, { exact: true }).boundingBox())?.x ?? 0;
    expect(await left('1')).toBeLessThan(await left('3'));
  });
});

describe('an answer without code and formulas', () => {
  it('fetches nothing that shows them', async () => {
    let assets: string[] = [];
    const page = await openAnswer('Just words, $5 worth.\n\n```\nplain\n```', (opened) => {
      assets = assetsOf(opened);
    });
    await page.locator('pre').waitFor();
    expect(assets.filter((name) => name.startsWith('/assets/'))).toEqual([]);
  });
});
