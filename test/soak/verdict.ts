import type { Series } from './measures.ts';

/** How one thing was at the beginning, when all is warm and full, and how it was at the end. */
export interface Row {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
  /** The end may be so much; more is a fault. */
  readonly most: number;
}

/** What the end may be of the beginning, and how much it may be more in any case. */
interface Limit {
  readonly times: number;
  readonly more: number;
}

interface Measure {
  readonly fits: RegExp;
  readonly of: (values: readonly number[]) => number;
  readonly limit: Limit;
}

const least = (values: readonly number[]) => values.toSorted((a, b) => a - b)[0] ?? Number.NaN;
const most = (values: readonly number[]) => values.toSorted((a, b) => b - a)[0] ?? Number.NaN;
const last = (values: readonly number[]) => values.at(-1) ?? Number.NaN;
const percentile = (share: number) => (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;

/** What a garbage collection leaves is what is held: the least of a heap, the most of everything else. */
const MEASURES: readonly Measure[] = [
  { fits: /^heap/, of: least, limit: { times: 1.25, more: 5 } },
  { fits: /^resident/, of: most, limit: { times: 1.25, more: 20 } },
  { fits: /^open files|^connections/, of: most, limit: { times: 1.25, more: 5 } },
  { fits: /^event loop/, of: percentile(0.5), limit: { times: 2, more: 10 } },
  { fits: /bytes a row$/, of: last, limit: { times: 1.5, more: 50 } },
  { fits: /^database/, of: last, limit: { times: 2, more: 50 } },
];
/** Of what clients waited for. */
const LATENCY_LIMIT: Limit = { times: 2, more: 20 };
const WAL_LIMIT: Limit = { times: 1.5, more: 500 };

/** Shares of the whole time. What is before is for compilers, caches and the first rows. */
const BEGIN = [0.25, 0.4] as const;
const END = [0.85, 1] as const;

/** @param waits the names of what clients waited for. @param durationMs of all of it. */
export function compareEnds(series: Series, waits: readonly string[], durationMs: number): Row[] {
  const windows = [BEGIN, END].map(([from, to]) => [from * durationMs, to * durationMs] as const);
  const toRow = (name: string, { times, more }: Limit, of: (from: number, to: number) => number): Row => {
    const [begin = Number.NaN, end = Number.NaN] = windows.map(([from, to]) => of(from, to));
    return { name, begin, end, most: Math.max(begin * times, begin + more) };
  };
  const measured = MEASURES.flatMap(({ fits, of, limit }) =>
    series
      .names()
      .filter((name) => fits.test(name))
      .sort()
      .map((name) => toRow(name, limit, (from, to) => of(series.between(name, from, to)))),
  );
  const waited = waits.flatMap((name) =>
    [0.5, 0.99].map((share) =>
      toRow(`${name}, p${share * 100}, ms`, LATENCY_LIMIT, (from, to) =>
        percentile(share)(series.between(name, from, to)),
      ),
    ),
  );
  const wal = toRow('WAL, bytes an operation', WAL_LIMIT, (from, to) => {
    const written = series.between('wal', from, to);
    const operations = waits.reduce((sum, name) => sum + series.between(name, from, to).length, 0);
    return ((written.at(-1) ?? 0) - (written[0] ?? 0)) / operations;
  });
  // A table may have few rows at the beginning, and a short time no measurement.
  return [...measured, ...waited, wal].filter(({ begin, end }) => begin > 0 && !Number.isNaN(end));
}

/** What grew more than it may. */
export const findGrowth = (rows: readonly Row[]): string[] =>
  rows
    .filter(({ end, most: limit }) => end > limit)
    .map(({ name, begin, end }) => `${name}: ${show(begin)} at the beginning, ${show(end)} at the end`);

/** For people: three digits. */
export const show = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
