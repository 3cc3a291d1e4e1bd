import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { counted } from '../../web/src/texts/counted.ts';
import { de } from '../../web/src/texts/de.ts';
import { chooseSpeech } from '../../web/src/texts/languages.ts';
import { ENGLISH, GERMAN, textsIn } from './page-texts.ts';

const SOURCES = fileURLToPath(new URL('../../web/src/', import.meta.url));

/** What is read, or read out, of an element or a component. */
const READ =
  /^(aria-label|aria-description|aria-roledescription|aria-valuetext|alt|title|placeholder|label|text|action)$/;
const WORD = /\p{L}{2}/u;
/** The same in every language. */
const NAMES = new Set(['Questlog']);

/** The literal texts of a file that a person would see or hear. */
function findTexts(path: string, source: string): string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && !isCode(node.parent)) found.push(node.text.trim());
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      if (isShown(node) || /^\p{Lu}\p{Ll}*['’]?\p{Ll}*,? \p{L}/u.test(node.text)) found.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.filter((text) => WORD.test(text) && !NAMES.has(text));
}

function isCode(node: ts.Node): boolean {
  return ts.isJsxElement(node) && node.openingElement.tagName.getText() === 'code';
}

/** Whether a literal is what an expression of a shown attribute, or of an element's content, comes to. */
function isShown(literal: ts.Node): boolean {
  let node = literal;
  while (isResult(node)) node = node.parent;
  const { parent } = node;
  if (ts.isJsxAttribute(parent)) return READ.test(parent.name.getText());
  if (!ts.isJsxExpression(parent)) return false;
  return ts.isJsxAttribute(parent.parent) ? READ.test(parent.parent.name.getText()) : !isCode(parent.parent);
}

/** Whether an expression is, or may be, what the one around it comes to. */
function isResult(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isConditionalExpression(parent)) return parent.condition !== node;
  if (ts.isBinaryExpression(parent)) return /^(\|\||\?\?|&&|\+)$/.test(parent.operatorToken.getText());
  return ts.isTemplateExpression(parent) || ts.isTemplateSpan(parent) || ts.isParenthesizedExpression(parent);
}

describe('the texts of the page', () => {
  it('stand in the files of its languages alone', () => {
    const paths = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
      (path) => /\.tsx?$/.test(path) && !path.startsWith('texts/'),
    );
    expect(paths.length).toBeGreaterThan(50);
    const found = paths.flatMap((path) =>
      findTexts(path, readFileSync(join(SOURCES, path), 'utf8')).map((text) => `${path}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  it('are found wherever they are written', () => {
    for (const source of [
      '<p>Some text</p>',
      '<p>{isOpen ? "less" : "more"}</p>',
      `<a title={\`\${n} chats\`} />`,
      '<IconButton label={a ?? "Close"} />',
      'toasts.show("The chat is gone.")',
      `const WORDS = { a: \`Not sent: \${why}\` }`,
    ])
      expect([source, findTexts('planted.tsx', source)]).not.toEqual([source, []]);
    for (const source of [
      '<p className="a button">Questlog</p>',
      '<code>Authorization: Bearer</code>',
      'key === "ArrowDown"',
      '<p>{phase === "ready" && title}</p>',
      'import { x } from "./x.ts";',
    ])
      expect([source, findTexts('planted.tsx', source)]).toEqual([source, []]);
  });

  it('say in German something of their own, with the same parts', () => {
    const german = new Map(textsIn(GERMAN));
    for (const [path, english] of textsIn(ENGLISH)) {
      const said = german.get(path) ?? '';
      expect([path, said.match(/\{\w+\}|§/g)?.sort()]).toEqual([path, english.match(/\{\w+\}|§/g)?.sort()]);
      expect([path, said.trim()]).not.toEqual([path, '']);
    }
  });
});

describe('the language of the page', () => {
  it('is the chosen one, or the first of the browser that there is, or English', () => {
    const languages = (chosen: 'en' | 'de' | 'system', ...preferred: string[]) => {
      const { language, locale } = chooseSpeech(chosen, preferred);
      return [language, locale];
    };
    expect(languages('system', 'fr-CA', 'de-AT', 'en-GB')).toEqual(['de', 'de-AT']);
    expect(languages('en', 'de-AT', 'en-GB')).toEqual(['en', 'en-GB']);
    expect(languages('de', 'en-US')).toEqual(['de', 'de']);
    expect(languages('system', 'ja')).toEqual(['en', 'en']);
    expect(languages('system', '')).toEqual(['en', 'en']);
    expect(languages('system', 'en-US@posix', 'constructor')).toEqual(['en', 'en']);
    expect(languages('klingon' as 'en', 'de')).toEqual(['de', 'de']);
  });

  it('has its own numbers and plurals', () => {
    const forms = { one: 'chat', other: 'chats' };
    expect([0, 1, 2, 1_234_567].map((count) => counted('en', count, forms))).toEqual([
      '0 chats',
      '1 chat',
      '2 chats',
      '1,234,567 chats',
    ]);
    expect(de.composer.characters(10_000)).toBe('10.000 Zeichen');
  });
});
