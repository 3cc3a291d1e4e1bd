/** What a chat holds, as a tree in memory: items, and between them points with what was set aside there. */
export type Entry =
  | { readonly text: string; readonly isBlocked: boolean }
  | { readonly others: readonly (readonly Entry[])[] };
type Item = Extract<Entry, { text: string }>;

/** What stands at a point: the item that the history goes on with, and the items of what is set aside, by their first. */
export interface Shown {
  readonly next: string | null;
  readonly others: readonly (readonly string[])[];
}

/** Says what should be there: every change is a function of the whole. */
export class Tree {
  #path: readonly Entry[] = [];

  get items(): readonly Item[] {
    return this.#path.filter(isItem);
  }

  /** Of those that a model gets. */
  get forModel(): readonly Item[] {
    return this.items.filter(({ isBlocked }) => !isBlocked);
  }

  get points(): Shown[] {
    return showPoints(this.#path);
  }

  append(...texts: string[]): void {
    this.#path = [...this.#path, ...texts.map((text) => ({ text, isBlocked: false }))];
  }

  block(text: string): void {
    this.#path = this.#path.map((entry) =>
      isItem(entry) && entry.text === text ? { text, isBlocked: true } : entry,
    );
  }

  /** Takes items out for good. */
  remove(texts: readonly string[]): void {
    this.#path = this.#path.filter((entry) => !isItem(entry) || !texts.includes(entry.text));
  }

  clear(): void {
    this.#path = [];
  }

  setAside(from: string): void {
    const index = this.#path.findIndex((entry) => isItem(entry) && entry.text === from);
    this.#path = [...this.#path.slice(0, index), { others: [this.#path.slice(index)] }];
  }

  /** Makes what begins with `text` at this point the end of the history. */
  select(point: number, chosen: number): void {
    const groups = groupsOf(this.#path);
    const group = groups.filter(({ others }) => others.length > 0)[point];
    if (group === undefined) throw new Error('no such point');
    const tail = this.#path.slice(group.end);
    const others = sorted(group.others);
    const kept = others.filter((_, index) => index !== chosen);
    const aside = tail.some(isItem) ? [...kept, tail] : kept;
    this.#path = [
      ...this.#path.slice(0, group.start),
      { others: aside },
      ...(others[chosen] as readonly Entry[]),
    ];
  }

  /** Replaces all before `kept`; points before the last item of that go with it. */
  compact(kept: string, summary: string): void {
    const index = this.#path.findIndex((entry) => isItem(entry) && entry.text === kept);
    const last = this.#path.slice(0, index).findLastIndex(isItem);
    this.#path = [{ text: summary, isBlocked: false }, ...this.#path.slice(last + 1)];
  }
}

/** The points of a path: those between which no item stands are one. */
export function showPoints(path: readonly Entry[]): Shown[] {
  return groupsOf(path)
    .filter(({ others }) => others.length > 0)
    .map(({ end, others }) => ({
      next: path.slice(end).find(isItem)?.text ?? null,
      others: sorted(others).map(textsOf),
    }));
}

function groupsOf(path: readonly Entry[]) {
  const groups: { start: number; end: number; others: (readonly Entry[])[] }[] = [];
  for (const [index, entry] of path.entries()) {
    if (isItem(entry)) continue;
    const last = groups.at(-1);
    if (last?.end === index) {
      last.end = index + 1;
      last.others.push(...entry.others);
    } else groups.push({ start: index, end: index + 1, others: [...entry.others] });
  }
  return groups;
}

function sorted(others: readonly (readonly Entry[])[]): (readonly Entry[])[] {
  return others.toSorted((one, other) => ((textsOf(one)[0] ?? '') < (textsOf(other)[0] ?? '') ? -1 : 1));
}

function textsOf(path: readonly Entry[]): string[] {
  return path.filter(isItem).map(({ text }) => text);
}

function isItem(entry: Entry): entry is Item {
  return 'text' in entry;
}
