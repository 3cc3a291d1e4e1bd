/**
 * Checks what a caller reads in an editor (`npm run arch`): everything that a door of the package exports has a docstring,
 * and so has every member of it that a caller can use.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const DOORS = [
  'index',
  'run/index',
  'http/index',
  'http/fetch',
  'http/node',
  'client/index',
  'testing/index',
];

const root = process.argv[2] ?? fileURLToPath(new URL('../', import.meta.url));
const doors = DOORS.map((door) => join(root, 'src', `${door}.ts`)).filter((path) => existsSync(path));
const problems = new Set(doors.flatMap(checkDoor));
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.size > 0 ? 1 : 0;

function checkDoor(path: string): string[] {
  return parse(path).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement)) return isExported(statement) ? checkStatement(statement) : [];
    const { moduleSpecifier, exportClause } = statement;
    if (moduleSpecifier === undefined) return [];
    const target = resolve(dirname(path), (moduleSpecifier as ts.StringLiteral).text);
    if (exportClause === undefined) return checkDoor(target);
    if (!ts.isNamedExports(exportClause)) return [];
    return exportClause.elements.flatMap(({ name, propertyName }) =>
      checkExport(target, (propertyName ?? name).text),
    );
  });
}

/** The declaration of a name, wherever the module has it from. */
function checkExport(path: string, name: string): string[] {
  const module = parse(path);
  const declared = module.statements.find(
    (statement) => isExported(statement) && namesOf(statement).includes(name),
  );
  if (declared !== undefined) return checkStatement(declared);
  return module.statements.filter(ts.isExportDeclaration).flatMap(({ moduleSpecifier, exportClause }) => {
    if (moduleSpecifier === undefined || exportClause === undefined || !ts.isNamedExports(exportClause))
      return [];
    const found = exportClause.elements.find((element) => element.name.text === name);
    const target = resolve(dirname(path), (moduleSpecifier as ts.StringLiteral).text);
    return found === undefined ? [] : checkExport(target, (found.propertyName ?? found.name).text);
  });
}

function checkStatement(statement: ts.Statement): string[] {
  const [name = ''] = namesOf(statement);
  const own = isDocumented(statement) ? [] : [describe(statement, name)];
  return [
    ...own,
    ...membersOf(statement)
      .filter(isUndocumented)
      .map((member) => describe(member, `${name}.${textOf(member.name)}`)),
  ];
}

function membersOf(statement: ts.Statement): readonly (ts.ClassElement | ts.TypeElement)[] {
  if (ts.isInterfaceDeclaration(statement)) return statement.members;
  // What a class implements is described by what it implements: an editor shows that.
  return ts.isClassDeclaration(statement) && !isImplementation(statement) ? statement.members : [];
}

function isImplementation({ heritageClauses }: ts.ClassLikeDeclaration): boolean {
  return heritageClauses?.some(({ token }) => token === ts.SyntaxKind.ImplementsKeyword) ?? false;
}

/** One that a caller can name. */
function isUndocumented(member: ts.ClassElement | ts.TypeElement): boolean {
  const { name } = member;
  if (name === undefined || ts.isPrivateIdentifier(name)) return false;
  return !isDocumented(member) && !member.getText().startsWith('override ');
}

function isDocumented(node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).length > 0;
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const { name } = statement as ts.DeclarationStatement;
  return name === undefined ? [] : [textOf(name)];
}

function textOf(name: ts.Node | undefined): string {
  return name?.getText() ?? '';
}

function describe(node: ts.Node, name: string): string {
  return `${relative(root, node.getSourceFile().fileName)}: ${name} has no docstring`;
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
}
