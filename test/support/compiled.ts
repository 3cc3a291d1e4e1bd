import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Inside `node_modules`, so that what is compiled finds its dependencies. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'questlog-test');
const OLD_MS = 60 * 60_000;

let folder: string | undefined;

/**
 * The compiled form of a program in `src/`, for `startProgram`: what `npm run build` makes, without checking types and
 * only when something changed. Through tsx every start of a server would cost seconds.
 *
 * @param script its path from the root of the checkout.
 * @returns the path of its JavaScript from there.
 */
export function compiled(script: string): string {
  folder ??= compileAll();
  return relative(ROOT, join(folder, script.replace(/\.ts$/, '.js')));
}

function compileAll(): string {
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => join('src', name));
  const sources = new Map(files.sort().map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
  const sql = readdirSync(join(ROOT, 'migrations')).map((name) =>
    readFileSync(join(ROOT, 'migrations', name), 'utf8'),
  );
  const hash = createHash('sha256')
    .update(JSON.stringify([...sources, ...sql]))
    .digest('hex')
    .slice(0, 16);
  const target = join(CACHE, hash);
  if (existsSync(target)) return target;
  mkdirSync(CACHE, { recursive: true });
  removeOld();
  const unfinished = mkdtempSync(join(CACHE, 'new-'));
  for (const [file, source] of sources) compile(file, source, unfinished);
  writeFileSync(join(unfinished, 'package.json'), '{ "type": "module" }');
  cpSync(join(ROOT, 'migrations'), join(unfinished, 'migrations'), { recursive: true });
  try {
    renameSync(unfinished, target);
  } catch {
    // Another test process was faster.
    rmSync(unfinished, { recursive: true });
  }
  return target;
}

function compile(file: string, source: string, target: string): void {
  const { outputText } = ts.transpileModule(source, {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const output = join(target, file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, outputText);
}

function removeOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > OLD_MS) rmSync(path, { recursive: true, force: true });
  }
}
