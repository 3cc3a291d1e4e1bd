/**
 * Checks what no linter does (`npm run arch`): how large folders and files are, and that no module keeps state which
 * changes. What belongs to a database, a server or a page is a member of it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOTS = ['src', 'web/src'];
const MAX_FILES = 12;
const MAX_LINES = 250;
/** What is made of these does not change. */
const IMMUTABLE = new Set(['RegExp', 'URL', 'EncodedItems']);

const root = process.argv[2] ?? fileURLToPath(new URL('../', import.meta.url));
const problems = ROOTS.flatMap((folder) => checkFolder(join(root, folder)));
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

function checkFolder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const tooMany = files.length > MAX_FILES ? [`has ${files.length} files, ${MAX_FILES} at most`] : [];
  return [
    ...tooMany.map((problem) => `${relative(root, folder)}: ${problem}`),
    ...files.flatMap(checkFile),
    ...folders.flatMap(checkFolder),
  ];
}

function checkFile(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').length - 1;
  const tooLong = lines > MAX_LINES ? [`has ${lines} lines, ${MAX_LINES} at most`] : [];
  const stateful = /\.tsx?$/.test(file)
    ? findState(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
    : [];
  return [...tooLong, ...stateful].map((problem) => `${relative(root, file)}: ${problem}`);
}

/** The variables of a module that can be assigned, or whose value can change. */
function findState(module: ts.SourceFile): string[] {
  return module.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => {
    const isConst = (declarationList.flags & ts.NodeFlags.Const) !== 0;
    return declarationList.declarations
      .filter((declaration) => !isConst || isMutable(declaration, module))
      .map(({ name }) => `${name.getText(module)} is state of the module`);
  });
}

/** A new object, or an empty list or record to fill, that is not declared as read-only. */
function isMutable({ type, initializer }: ts.VariableDeclaration, module: ts.SourceFile): boolean {
  if (initializer === undefined || type?.getText(module).startsWith('Readonly')) return false;
  if (ts.isNewExpression(initializer)) return !IMMUTABLE.has(initializer.expression.getText(module));
  if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0;
  return ts.isObjectLiteralExpression(initializer) && initializer.properties.length === 0;
}
