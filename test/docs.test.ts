import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PAGES = [
  'README.md',
  'docs/library.md',
  'docs/agents.md',
  'docs/fastify.md',
  'docs/client.md',
  'docs/frameworks.md',
  'docs/authentication.md',
  'docs/compaction.md',
  'docs/search.md',
  'docs/metrics.md',
  'docs/moving.md',
];

/** What pages take for granted, by the name that it has in their snippets; one that declares the name has its own. */
const GIVEN: Readonly<Record<string, string>> = {
  db: `import('questlog').Database`,
  agent: `import('@openai/agents').Agent`,
  refund: `import('@openai/agents').Tool`,
  runs: `import('questlog/runs').Runs`,
  authenticate: `import('questlog/fetch').Authenticate`,
  request: 'Request',
  userId: 'string',
  findSession:
    '(cookie?: string) => Promise<{ readonly userId: string; readonly expiresAt: number } | undefined>',
  runId: 'string',
  chatId: 'string',
  myAccessToken: '() => string',
  show: '(text: string) => void',
};

/** The snippets of a page as modules, each with the line of the page at which it begins. */
function snippetsOf(page: string): [name: string, code: string][] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ index, 1: code = '' }) => {
    const line = text.slice(0, index).split('\n').length;
    return [join(ROOT, `${page}.${line}.ts`), `${code}\nexport {};`];
  });
}

test('every snippet of the pages compiles, against the package as it is', () => {
  const snippets = new Map(PAGES.flatMap(snippetsOf));
  const given = Object.entries(GIVEN).map(([name, type]) => `declare const ${name}: ${type};`);
  const files = new Map([...snippets, [join(ROOT, 'given.d.ts'), given.join('\n')]]);
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, target) => {
    const code = files.get(path);
    return code === undefined ? getSourceFile(path, target) : ts.createSourceFile(path, code, target);
  };
  const program = ts.createProgram(
    [...files.keys()],
    { ...options, lib: ['lib.es2023.d.ts', 'lib.es2024.string.d.ts', 'lib.dom.d.ts'] },
    host,
  );
  const problems = [...snippets.keys()].flatMap((path) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ messageText, start = 0 }) => {
      const line = snippets.get(path)?.slice(0, start).split('\n').length;
      return `${path.replace(ROOT, '')} +${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  );
  expect(snippets.size).toBeGreaterThan(15);
  expect(problems).toEqual([]);
});
