import { readdirSync, readFileSync } from 'node:fs';

interface Page {
  readonly text: string;
  readonly link: string;
}

interface Group {
  readonly text: string;
  readonly collapsed: boolean;
  readonly items: readonly Page[];
}

const DECISIONS = new URL('../docs/decisions/', import.meta.url);
/** What the build makes of the code. */
const REFERENCE = new URL('pages/reference/', import.meta.url);

/** The pages in the order in which they are read. A test holds that none is forgotten. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Start: ['install', 'library', 'agents', 'client', 'page', 'moving', 'faq'],
  'Your app': ['fastify', 'frameworks', 'authentication', 'http'],
  Sessions: ['compaction', 'alternatives', 'organise', 'search', 'export', 'retention'],
  Runs: ['model-input', 'failures', 'usage'],
  Live: ['live'],
  Operate: ['configuration', 'commands', 'database', 'deploy', 'backup', 'metrics'],
  Scale: ['scale', 'performance'],
  Trust: ['guarantees', 'comparison', 'versioning', 'torture', 'soak', 'architecture'],
};

/** The sidebar of the site, with each page under its own title. */
export function makeSidebar(): Group[] {
  const pages = Object.entries(GROUPS).map(([text, names]) => ({
    text,
    collapsed: false,
    items: names.map((name) => describePage(new URL(`../docs/${name}.md`, import.meta.url), `/docs/${name}`)),
  }));
  const library = [
    describePage(new URL('questlog.md', REFERENCE), '/reference/questlog'),
    ...listPages(new URL('questlog/', REFERENCE), '/reference/questlog/'),
  ];
  return [
    ...pages,
    { text: 'Library reference', collapsed: true, items: library },
    {
      text: 'HTTP reference',
      collapsed: true,
      items: listPages(new URL('http/', REFERENCE), '/reference/http/'),
    },
    { text: 'Decisions', collapsed: true, items: listPages(DECISIONS, '/docs/decisions/') },
  ];
}

function listPages(folder: URL, link: string): Page[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'));
  return names.sort().map((name) => describePage(new URL(name, folder), link + name.replace(/\.md$/, '')));
}

function describePage(file: URL, link: string): Page {
  const [, text = ''] = /^# (.*)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return { text, link };
}
