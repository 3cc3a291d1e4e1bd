import { expect, test } from 'vitest';
import type { PlacedItem } from '../../src/client/index.ts';
import type { Signal } from '../../src/wire/live.ts';
import { Ends } from './ends.ts';
import { findFaults, type Saying } from './history.ts';
import { Series } from './measures.ts';
import { compareEnds, findGrowth } from './verdict.ts';

const MINUTE = 60_000;

/** A series over ten minutes in which each value depends on the share of the time that is over. */
function seriesOf(values: Readonly<Record<string, (share: number) => number>>): Series {
  let now = 0;
  const series = new Series(() => now);
  for (; now < 10 * MINUTE; now += 1_000)
    for (const [name, toValue] of Object.entries(values)) series.add(name, toValue(now / 10 / MINUTE));
  return series;
}

const growthOf = (values: Readonly<Record<string, (share: number) => number>>) =>
  findGrowth(compareEnds(seriesOf(values), ['turn'], 10 * MINUTE)).map((fault) => fault.split(':')[0]);

test('the soak finds what grows, whatever goes up and down meanwhile', () => {
  const wave = (least: number, height: number) => (share: number) =>
    least + height * Math.abs(Math.sin(share * 300));
  const steady = {
    'heap, MB': wave(40, 60),
    'open files': wave(30, 4),
    'table chat_items, bytes a row': wave(300, 30),
    turn: wave(100, 50),
    wal: (share: number) => 1e9 * share,
  };
  expect(growthOf(steady)).toEqual([]);
  expect(growthOf({ ...steady, 'heap, MB': (share) => wave(40, 60)(share) + 40 * share })).toEqual([
    'heap, MB',
  ]);
  expect(growthOf({ ...steady, 'open files': (share) => 30 + 40 * share })).toEqual(['open files']);
  expect(growthOf({ ...steady, turn: (share) => 100 + 900 * share ** 3 })).toEqual([
    'turn, p50, ms',
    'turn, p99, ms',
  ]);
  expect(growthOf({ ...steady, wal: (share) => 1e9 * share ** 3 })).toEqual(['WAL, bytes an operation']);
});

test('the soak finds a turn that is lost, doubled, out of order, or without its answer', () => {
  const turn = (mark: string): object[] => [
    { role: 'user', content: `Say ${mark}` },
    { role: 'assistant', content: [{ type: 'output_text', text: `Answer to ${mark} word1` }] },
  ];
  const sayings: Saying[] = [
    { mark: 'm1.', outcome: 'answered' },
    { mark: 'm2.', outcome: 'unknown' },
    { mark: 'm11.', outcome: 'stored' },
  ];
  const faultsOf = (items: readonly object[]) =>
    findFaults('chat', sayings, items.map((item) => ({ item })) as unknown as PlacedItem[]);
  const [first, second, third] = ['m1.', 'm2.', 'm11.'].map(turn) as [object[], object[], object[]];
  expect(faultsOf([...first, ...second, ...third])).toEqual([]);
  expect(faultsOf([...first, ...third.slice(0, 1)])).toEqual([]);
  expect(faultsOf(third)).toEqual(['chat: m1. is not there', 'chat: m1. has 0 answers']);
  expect(faultsOf([...first, ...first.slice(0, 1), ...third])).toEqual(['chat: m1. is there 2 times']);
  expect(faultsOf([...third, ...first])).toEqual(['chat: another order']);
  expect(faultsOf([...first.slice(0, 1), ...third])).toEqual(['chat: m1. has 0 answers']);
});

test('the soak finds an end of a run of which nobody tells, and takes a signal for all that it stands for', () => {
  let now = 0;
  const ends = new Ends(() => now);
  const signalOf = (run_id: string, type: 'run_started' | 'run_ended' = 'run_ended', chat_id = 'chat') =>
    ({ type, chat_id, run_id, last_event: 1, status: 'completed' }) as Signal;
  for (const run of ['r1', 'r2', 'r3', 'r4']) ends.begin('chat', run);
  ends.begin('other', 'r0');
  for (const run of ['r0', 'r1', 'r3', 'r4']) ends.end(run, true);
  now = 5;
  // Its stream is still being read.
  expect(ends.hear(signalOf('r2'))).toEqual([5]);
  ends.end('r2', true);
  expect(ends.hear(signalOf('r3', 'run_started'))).toEqual([]);
  expect(ends.takeUntold(6)).toEqual([]);
  expect(ends.takeUntold(5)).toEqual(['r3', 'r4', 'r0']);
  ends.begin('chat', 'r5');
  ends.end('r5', false);
  ends.begin('chat', 'r6');
  ends.hear({ type: 'resync', cursor: 'c' });
  ends.end('r6', true);
  now = 100;
  expect(ends.takeUntold(1)).toEqual([]);
});
