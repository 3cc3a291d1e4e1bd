import type { Page } from 'playwright-core';
import { dataDe } from '../../web/src/texts/de/data.ts';
import { de } from '../../web/src/texts/de.ts';
import { dataEn } from '../../web/src/texts/en/data.ts';
import { en } from '../../web/src/texts/en.ts';

/** All that the page says, what it fetches later too. */
export const ENGLISH = { ...en, data: dataEn };
export const GERMAN = { ...de, data: dataDe };

/** What stands for a placeholder. */
const PLACEHOLDER = '§';

/** All texts of a language by their paths; a placeholder is `§`, a number too. */
export function textsIn(texts: object, at = ''): [path: string, text: string][] {
  return Object.entries(texts).flatMap(([name, value]): [string, string][] => {
    const path = `${at}/${name}`;
    if (typeof value === 'string') return [[path, value]];
    if (typeof value === 'object') return textsIn(value, path);
    const said = String(value(...Array.from({ length: value.length }, () => PLACEHOLDER)));
    return [[path, said.replaceAll('NaN', PLACEHOLDER)]];
  });
}

/** What the page shows or says of English that German has other words for. */
export async function findEnglish(page: Page): Promise<string[]> {
  const german = new Map(textsIn(GERMAN));
  const foreign = textsIn(ENGLISH).filter(([path, text]) => german.get(path) !== text);
  const patterns = foreign.map(([, text]) => toPattern(text));
  const said = await page.evaluate<string[]>(SAID);
  return said.filter((text) => patterns.some((pattern) => pattern.test(text)));
}

function toPattern(text: string): RegExp {
  const parts = text.split(/§|\{\w+\}/).map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`);
}

/** The text of each element that holds some itself, and each attribute that is read out. */
const SAID = `[...document.querySelectorAll('*')].flatMap((element) => [
  ...['aria-label', 'title', 'placeholder', 'alt'].map((name) => element.getAttribute(name)),
  element.tagName === 'SCRIPT' || element.tagName === 'CODE' ? '' :
    [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join(' '),
]).map((text) => text?.replace(/\\s+/g, ' ').trim()).filter(Boolean).concat(document.title)`;
