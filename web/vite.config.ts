import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { buildSync } from 'esbuild';
import { defineConfig, type Plugin } from 'vite';
import { ThirdParty } from './third-party.ts';

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const thirdParty = new ThirdParty();

export default defineConfig({
  root: fromRoot('web'),
  // The server knows what is before its paths.
  base: './',
  plugins: [
    react(),
    firstPaint(),
    onlyNewFonts(),
    noSvg(),
    compressed(),
    thirdParty.collect(),
    thirdParty.write(fromRoot('packages/server/THIRD-PARTY-LICENSES')),
  ],
  resolve: { alias: { 'questlog/client': fromRoot('src/client/index.ts') } },
  worker: { format: 'es', plugins: () => [thirdParty.collect()] },
  build: {
    outDir: fromRoot('dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // A polyfill in the page would be an inline script, which the server's policy forbids.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // A test counts what the first load takes.
    chunkSizeWarningLimit: 1_000,
  },
  server: {
    proxy: Object.fromEntries(
      ['/chats', '/chat', '/runs', '/health'].map((path) => [`^${path}(/|$|\\?)`, 'http://127.0.0.1:8000']),
    ),
  },
});

/**
 * What runs before the browser paints is a script of its own: it is no module, which would wait, and stands in no page,
 * which the server's policy forbids.
 */
function firstPaint(): Plugin {
  const name = 'first-paint';
  const source = `src/shell/${name}.ts`;
  return {
    name: 'questlog-first-paint',
    buildStart() {
      const entryPoints = [fromRoot(`web/${source}`)];
      const [script] = buildSync({
        entryPoints,
        bundle: true,
        minify: true,
        format: 'iife',
        write: false,
      }).outputFiles;
      if (!this.meta.watchMode)
        this.emitFile({ type: 'asset', name: `${name}.js`, source: script?.text ?? '' });
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) => {
        const built = Object.keys(bundle ?? {}).find((file) => file.includes(name));
        const attrs = built === undefined ? { type: 'module', src: `/${source}` } : { src: `./${built}` };
        return [{ tag: 'script', attrs, injectTo: 'head' }];
      },
    },
  };
}

/** KaTeX brings each font in three forms, for browsers that are older than those which the page is built for. */
function onlyNewFonts(): Plugin {
  return {
    name: 'questlog-only-new-fonts',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/katex.min.css')) return undefined;
      return { code: code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)/g, ''), map: null };
    },
  };
}

/** Markdown brings the names of all attributes of SVG; the page takes no HTML in a text, so that no text has an `<svg>`. */
function noSvg(): Plugin {
  return {
    name: 'questlog-no-svg',
    enforce: 'pre',
    transform(_code, id) {
      if (!id.endsWith('/property-information/lib/svg.js')) return undefined;
      return { code: `export { html as svg } from './html.js';`, map: null };
    },
  };
}

/** Puts the compressed forms of each file beside it: the server need not compress while it serves. */
function compressed(): Plugin {
  return {
    name: 'questlog-compressed',
    writeBundle({ dir = '' }, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        const content = file.type === 'chunk' ? file.code : file.source;
        if (!name.startsWith('assets/') || name.endsWith('.woff2')) continue;
        writeFileSync(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(content));
      }
    },
  };
}
