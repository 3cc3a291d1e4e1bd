import { getHeapStatistics } from 'node:v8';
import { Turns } from '../../turns.ts';
import type { Clock } from '../clock.ts';
import { MemoryBudget } from './memory-budget.ts';

/** How much memory bodies may take. */
export interface BodyMemoryOptions {
  /** Bytes for what is made of bodies; a third more is for the bodies themselves. Default: half of Node's heap. */
  readonly bytes?: number | undefined;
  /** How long a request waits for room before it is refused, in milliseconds. Default: 5,000. */
  readonly waitMs?: number | undefined;
  /** In which bodies are parsed, and their items made ready to write. Default: its own; pass those of the `Database`. */
  readonly turns?: Turns | undefined;
  /** For tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/**
 * What a byte of a body becomes on the heap, at most: the text, what is parsed, the items' texts and the statement's
 * parameter are there at once, in two bytes a character as soon as one is beyond Latin-1.
 */
const HEAP_PER_BYTE = 8;
/** What a value (object, list, member) becomes beside its bytes. Measured: 30 of `{}`, 54 of `[[[…`, 86 of `{"k1":1}`. */
const HEAP_PER_VALUE = 100;

/**
 * The memory that the bodies of requests under way may hold: one object for all routers of an app bounds them together.
 *
 * A request claims its `Content-Length` (the body limit, if it does not say one) before its body is read, and after that
 * what its values will take, before they are parsed: a slow upload holds its bytes only. Both are given back when there
 * is a reply and it is out, or its connection closed. No claim on the first budget waits for the second, so neither
 * deadlocks.
 *
 * Measured with `--max-old-space-size=384`: docs/decisions/020-admission.md.
 */
export class BodyMemory {
  /** The bytes of bodies, outside of the heap. */
  readonly received: MemoryBudget;
  /** What is made of them, on the heap. */
  readonly parsed: MemoryBudget;
  /** In which they are parsed, and their items made ready to write. */
  readonly turns: Turns;

  constructor({
    bytes = getHeapStatistics().heap_size_limit / 2,
    waitMs,
    turns = new Turns(),
    clock,
  }: BodyMemoryOptions = {}) {
    this.turns = turns;
    this.received = new MemoryBudget({ bytes: bytes / 3, waitMs, clock });
    this.parsed = new MemoryBudget({ bytes, waitMs, clock });
  }
}

/** What a body will take on the heap, in bytes. */
export function estimateHeap(bytes: number, values: number): number {
  return bytes * HEAP_PER_BYTE + values * HEAP_PER_VALUE;
}
