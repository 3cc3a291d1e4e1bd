import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What metrics are made with, and where they are registered. */
export interface Maker {
  readonly client: {
    readonly Counter: typeof Counter;
    readonly Gauge: typeof Gauge;
    readonly Histogram: typeof Histogram;
  };
  readonly registers: Registry[];
}

/** Of what takes milliseconds, in seconds. */
export const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Of what waits for a model. */
export const LONG = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

export function secondsSince(began: number): number {
  return (performance.now() - began) / 1_000;
}

/** An event of a kind that has not come yet is one that has come never: else its first one would raise no rate. */
export function startAtZero<Label extends string>(
  counter: Counter<Label>,
  label: Label,
  values: readonly string[],
): void {
  for (const value of values) counter.inc({ [label]: value } as Record<Label, string>, 0);
}

/** How many there are of something now. Read at a scrape: to set a metric each time would be most of what metrics cost. */
export interface Level {
  value: number;
}

export function makeLevel({ client, registers }: Maker, name: string, help: string): Level {
  const level: Level = { value: 0 };
  new client.Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(level.value);
    },
  });
  return level;
}
