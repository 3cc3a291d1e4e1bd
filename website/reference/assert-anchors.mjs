import { readdirSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * That each link of the reference leads to something of a page: the generator of the site looks at pages, and nobody at headings
 * that are made by the build.
 */
export function assertAnchors(site, folder) {
  const root = fileURLToPath(site);
  const pages = readdirSync(root + folder, { recursive: true })
    .filter((name) => name.endsWith('.html'))
    .map((name) => `/${folder}/${name.replaceAll('\\', '/')}`);
  const texts = new Map(pages.map((page) => [page, readFileSync(root + page, 'utf8')]));
  const idsOf = (page) =>
    new Set([...(texts.get(page) ?? '').matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
  const ids = new Map(pages.map((page) => [page, idsOf(page)]));
  const broken = pages.flatMap((page) =>
    linksOf(texts.get(page), page)
      .filter(({ target, anchor }) => !ids.get(target)?.has(anchor))
      .map(({ link }) => `${page}: ${link}`),
  );
  if (broken.length > 0) throw new Error(`links to no heading:\n${broken.join('\n')}`);
}

function linksOf(text, page) {
  return [...text.matchAll(/<a href="([^":]*)#([^"]*)"/g)]
    .map(([, path, anchor]) => ({
      link: `${path}#${anchor}`,
      target: path === '' ? page : posix.resolve(dirname(page), path),
      anchor: decodeURIComponent(anchor),
    }))
    .filter(({ target }) => target.startsWith('/reference/'));
}
