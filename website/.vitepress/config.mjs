import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { makeSidebar } from '../sidebar.ts';
import { Sources } from '../sources.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const sources = new Sources(ROOT);

export default defineConfig({
  title: 'Questlog',
  description: 'Chat storage and session memory for the OpenAI Agents SDK, on PostgreSQL',
  srcDir: 'pages',
  outDir: 'dist',
  markdown: {
    anchor: { slugify },
    config: (markdown) => {
      const {
        link_open: openLink = (tokens, index, options, _env, self) =>
          self.renderToken(tokens, index, options),
      } = markdown.renderer.rules;
      markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
        const target = sources.resolve(
          decodeURI(tokens[index].attrGet('href')),
          env.relativePath.replace(/^index\.md$/, 'README.md'),
        );
        if (target === undefined) return openLink(tokens, index, options, env, self);
        tokens[index].attrSet('href', target);
        // A text is no page of the site's: its router leaves it to the browser.
        if (target.startsWith('/sources/')) tokens[index].attrSet('target', '_blank');
        return target.startsWith('/sources/')
          ? self.renderToken(tokens, index, options)
          : openLink(tokens, index, options, env, self);
      };
    },
  },
  themeConfig: {
    nav: [
      { text: 'Library', link: '/docs/library' },
      { text: 'HTTP', link: '/docs/http' },
      { text: 'Reference', link: '/reference/questlog' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
    sidebar: makeSidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
  },
  buildEnd: ({ outDir }) => sources.write(outDir),
});

/** Anchors as GitHub makes them, so that a link works in both places. */
function slugify(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}
