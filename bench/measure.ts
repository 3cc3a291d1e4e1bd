/** The middle of some samples, with the quarter below and above it. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/** A table as it is printed: the texts of its cells. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What one must know to read it. */
  readonly notes?: readonly string[];
}

/** Everything that was measured, by keys such as `session/append/1000/questlog`. */
export class Figures {
  readonly #samples = new Map<string, number[]>();

  add(key: string, ...samples: readonly number[]): void {
    const known = this.#samples.get(key);
    if (known === undefined) this.#samples.set(key, [...samples]);
    else known.push(...samples);
  }

  /** Undefined when it was not measured. */
  get(key: string): Figure | undefined {
    const samples = this.#samples.get(key);
    return samples === undefined || samples.length === 0 ? undefined : summarize(samples);
  }

  /** How many times the median of `base` that of `key` is. */
  ratio(key: string, base: string): number | undefined {
    const [over, under] = [this.get(key), this.get(base)];
    return over === undefined || under === undefined ? undefined : over.median / under.median;
  }

  keys(): string[] {
    return [...this.#samples.keys()];
  }
}

export function summarize(samples: readonly number[]): Figure {
  const sorted = samples.toSorted((a, b) => a - b);
  const { length } = sorted;
  return { median: at(sorted, 0.5), low: at(sorted, 0.25), high: at(sorted, 0.75), samples: length };
}

/** @param sorted ascending. @param share 0.99 for the 99th percentile. */
export function at(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below = 0, above = below] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * Measures all contestants in turns, each round after the first in another order: whatever else the machine does meets
 * all of them alike, and nobody always comes after the one who leaves most work to the disk.
 *
 * @param measure one turn of one contestant.
 */
export async function interleave<Contestant>(
  contestants: readonly Contestant[],
  rounds: number,
  measure: (contestant: Contestant, round: number) => Promise<void>,
): Promise<void> {
  const random = pseudoRandom(rounds);
  for (let round = 0; round < rounds; round++) {
    const turns = round === 0 ? contestants : shuffled(contestants, random);
    for (const contestant of turns) await measure(contestant, round);
  }
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** The same numbers in every run (mulberry32). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `3.20 × (1.31, 1.20–1.52)`: the ratio, then the median with the middle half of the samples. */
export function cell(figures: Figures, key: string, base: string): string {
  const figure = figures.get(key);
  if (figure === undefined) return '–';
  const ratio = figures.ratio(key, base);
  return ratio === undefined ? spread(figure) : `**${short(ratio)} ×** (${spread(figure)})`;
}

export function spread({ median, low, high, samples }: Figure): string {
  return samples === 1 ? short(median) : `${short(median)}, ${short(low)}–${short(high)}`;
}

/** Three digits that count. */
export function short(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function toMarkdown({ title, columns, rows, notes = [] }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, index) => (index === 0 ? '---' : '---:'));
  const table = [line(columns), line(rule), ...rows.map(line)].join('\n');
  return `### ${title}\n\n${table}\n${notes.map((note) => `\n${note}\n`).join('')}`;
}
