import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { cachedFolder } from './cached-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let folder: string | undefined;

/**
 * The compiled form of a program in `src/`, for `startProgram`: what `npm run build` makes, without checking types and
 * only when something changed. Through tsx every start of a server would cost seconds.
 *
 * @param script its path from the root of the checkout.
 * @returns the path of its JavaScript from there.
 */
export function compiled(script: string): string {
  folder ??= compileFrom(ROOT);
  return relative(ROOT, join(folder, script.replace(/\.ts$/, '.js')));
}

/** @returns the folder with what `src/` of a checkout compiles to, and its migrations. */
export function compileFrom(root: string): string {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => join('src', name));
  const sources = new Map(files.sort().map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const sql = readdirSync(join(root, 'migrations')).map((name) =>
    readFileSync(join(root, 'migrations', name), 'utf8'),
  );
  const hash = createHash('sha256')
    .update(JSON.stringify([...sources, ...sql]))
    .digest('hex')
    .slice(0, 16);
  return cachedFolder('questlog-test', hash, (target) => {
    for (const [file, source] of sources) compile(file, source, target);
    writeFileSync(join(target, 'package.json'), '{ "type": "module" }');
    cpSync(join(root, 'migrations'), join(target, 'migrations'), { recursive: true });
  });
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
