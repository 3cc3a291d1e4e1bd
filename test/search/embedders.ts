import type { Embedder } from '../../src/index.ts';

/** Words of one line mean the same. */
export const MEANINGS = [
  ['dragon', 'wyrm', 'drake'],
  ['gold', 'treasure', 'hoard'],
  ['inn', 'tavern', 'pub'],
  ['sword', 'blade'],
];

export const meaningOf = (word: string) => MEANINGS.findIndex((words) => words.includes(word.toLowerCase()));

/** An embedder of words that it knows, each meaning in a direction of its own, and what it was asked. */
export function wordEmbedder(settings: Partial<Embedder> = {}) {
  const asked: string[] = [];
  const failures: unknown[] = [];
  const embedder: Embedder = {
    model: 'words-1',
    dimensions: 32,
    minLikeness: 0.5,
    embed: async (texts) => {
      asked.push(...texts);
      return texts.map(embed);
    },
    onError: (error) => void failures.push(error),
    ...settings,
  };
  return { embedder, asked, failures };
}

function embed(text: string): number[] {
  const numbers = Array.from({ length: 32 }, () => -0.01);
  for (const word of text.split(/\W+/)) {
    const meaning = meaningOf(word);
    // A sixteenth of what there is room for, so that signs tell meanings apart, too.
    if (meaning !== -1) for (let nth = 0; nth < 4; nth += 1) numbers[meaning * 4 + nth] = 1;
    else if (word !== '') numbers[31] = 0.3;
  }
  return numbers;
}
