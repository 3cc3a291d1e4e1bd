import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { onElement, openPage, pageServer, preparePage, say } from './page-server.ts';

beforeAll(preparePage);

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** What was asked of other servers, by address, with the headers. */
type Asked = { readonly address: string; readonly headers: Readonly<Record<string, string>> }[];

/** A page whose other servers all answer with a picture. */
async function openAmongPictures(text: string): Promise<{ readonly page: Page; readonly asked: Asked }> {
  const server = await pageServer(() => ({ text }));
  const page = await openPage(server);
  const asked: Asked = [];
  await page.context().route(
    ({ origin }) => origin !== server.url,
    (route) => {
      asked.push({ address: route.request().url(), headers: route.request().headers() });
      return route.fulfill({ contentType: 'image/png', body: Buffer.from(PIXEL, 'base64') });
    },
  );
  await say(page, 'Show me');
  await page.getByRole('button', { name: 'Answer again' }).waitFor();
  return { page, asked };
}

const isLoaded = onElement<boolean>('(node) => node.complete && node.naturalWidth > 0');

describe('a picture of another server', () => {
  it('is asked for when the person wants it, and its server does not learn from where', async () => {
    const address = 'https://pictures.example/castle.png?secret=7';
    const { page, asked } = await openAmongPictures(
      `A castle: ![The castle](${address}) and ![](${address}&b)`,
    );
    await page.getByText('The castle · pictures.example').waitFor();
    expect(asked).toEqual([]);
    await page.getByRole('button', { name: 'Show picture' }).first().click();
    const picture = page.getByRole('img', { name: 'The castle' });
    await picture.waitFor();
    await expect.poll(() => picture.evaluate(isLoaded)).toBe(true);
    expect(asked.map((request) => request.address)).toEqual([address]);
    expect(asked[0]?.headers).not.toHaveProperty('referer');
    expect(asked[0]?.headers).not.toHaveProperty('cookie');
    await page.reload();
    await page.getByText('The castle · pictures.example').waitFor();
    expect(asked).toHaveLength(1);
  });

  it('is asked for by nothing that a model writes', async () => {
    const text = [
      '![a](https://evil.example/1) [![b](https://evil.example/2)](https://evil.example/3)',
      '![c][ref] <img src="https://evil.example/4"> ![d](//evil.example/5) ![e](http://evil.example/6)',
      '<style>p{background:url(https://evil.example/7)}</style>',
      '$\\includegraphics{https://evil.example/8}$ $\\htmlStyle{background:url(https://evil.example/9)}{x}$',
      '| ![f](https://evil.example/10) |\n|---|',
      '![g](data:image/svg+xml;base64,PHN2Zz48aW1hZ2UgaHJlZj0iaHR0cHM6Ly9ldmlsLmV4YW1wbGUvMTEiLz48L3N2Zz4=)',
      '[ref]: https://evil.example/12',
    ].join('\n\n');
    const { page, asked } = await openAmongPictures(text);
    await page.locator('.katex').first().waitFor();
    await page.reload();
    await page.locator('.katex').first().waitFor();
    expect(await page.locator('.markdown img').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Show picture' }).count()).toBe(4);
    expect(asked).toEqual([]);
  });

  it('that cannot be shown says so and can be tried again, and in a link it leads nowhere', async () => {
    const text = '[![Badge](https://pictures.example/gone.png)](https://elsewhere.example/)';
    const { page } = await openAmongPictures(text);
    await page.context().unrouteAll();
    await page
      .context()
      .route('https://pictures.example/**', (route) => route.fulfill({ status: 404, body: '' }));
    await page.getByRole('button', { name: 'Show picture' }).click();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    expect(page.context().pages()).toHaveLength(1);
  });
});

describe('a picture within an answer', () => {
  it('is shown at once, since nobody is asked for it', async () => {
    const { page, asked } = await openAmongPictures(`![Dot](data:image/png;base64,${PIXEL})`);
    const picture = page.getByRole('img', { name: 'Dot' });
    await picture.waitFor();
    await expect.poll(() => picture.evaluate(isLoaded)).toBe(true);
    expect(asked).toEqual([]);
  });
});
