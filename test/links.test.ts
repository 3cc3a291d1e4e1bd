import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { GROUPS } from '../website/sidebar.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'packages/server/README.md',
].concat(pagesIn('docs'), pagesIn('docs/decisions'));

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

/** A page without its code, in which brackets are no links and `#` no heading. */
function proseOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8').replace(/^```.*?^```$/gms, '');
}

/** The anchors of a page's headings, as GitHub and the site make them. */
function anchorsOf(page: string): string[] {
  const headings = [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text);
  return headings.map((text) =>
    text
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The files of the repository that a page links to, each with its anchor. */
function linksOf(page: string): { readonly link: string; readonly file: string; readonly anchor: string }[] {
  const links = [
    ...proseOf(page)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ];
  return links
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor = ''] = link.split('#');
      return { link, file: path === '' ? page : normalize(join(dirname(page), path)), anchor };
    });
}

test('every link of the pages leads to a file that there is, and to a heading of it', () => {
  const isBroken = ({ file, anchor }: { file: string; anchor: string }) =>
    !existsSync(join(ROOT, file)) || (anchor !== '' && !anchorsOf(file).includes(anchor));
  const broken = PAGES.flatMap((page) =>
    linksOf(page)
      .filter(isBroken)
      .map(({ link }) => `${page}: ${link}`),
  );
  expect(PAGES.flatMap(linksOf).length).toBeGreaterThan(100);
  expect(broken).toEqual([]);
});

test('the README leads to every guide, in less than 200 lines', () => {
  const linked = linksOf('README.md').map(({ file }) => file);
  expect(pagesIn('docs').filter((page) => !linked.includes(page))).toEqual([]);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n').length).toBeLessThan(200);
});

test('the site has every guide once, in a group of its sidebar', () => {
  const pages = pagesIn('docs').map((page) => page.replace(/^docs\/|\.md$/g, ''));
  expect(Object.values(GROUPS).flat().sort()).toEqual(pages.sort());
});
