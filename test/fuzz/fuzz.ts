import fc from 'fast-check';
import { ApiDocument } from '../support/openapi.ts';
import { Bystander } from './bystander.ts';
import { Client } from './client.ts';
import type { FuzzServer } from './fuzz-server.ts';
import { anyStep, type Step } from './requests/any-step.ts';
import { Known } from './requests/known.ts';
import { Sender } from './send.ts';
import { Tally } from './tally.ts';

export interface FuzzOptions {
  readonly server: FuzzServer;
  /** So many requests at least. */
  readonly requests: number;
  readonly seed: number;
  readonly onRound?: ((tally: Tally) => void) | undefined;
}

export interface FuzzReport {
  readonly tally: Tally;
  readonly document: ApiDocument;
  /** What broke first, in words, with the request and how to ask it again. */
  readonly failure: string | undefined;
  /** Megabytes of the server's heap, after half of the requests and after all. */
  readonly heap: { readonly middle: number; readonly end: number };
}

/** Users that are at work at once. */
const CLIENTS = 4;
/** Sequences of a round, each of a user of its own, and the most steps of one. */
const SEQUENCES = 20;
const STEPS = 60;
/** How long a shorter sequence that fails is looked for. */
const SHRINK_MS = 60_000;

/**
 * Asks a server with random sequences of requests from its own document. A round is what one seed makes: the first is
 * `seed`, the next `seed + 1`, so that any can be repeated alone.
 */
export async function fuzz({ server, requests, seed, onRound }: FuzzOptions): Promise<FuzzReport> {
  const document = await ApiDocument.at(server.url);
  const bystander = new Bystander(server.url, await server.tokenOf('bystander'));
  await bystander.settle();
  const before = await bystander.fingerprint();
  const sender = new Sender(server.url);
  const tally = new Tally();
  const context = {
    server,
    document,
    sender,
    tally,
    theirs: bystander.known,
    forger: await server.forgedToken(),
  };
  const heap = { middle: 0, end: 0 };
  let round = 0;
  let failure: string | undefined;
  const work = async () => {
    while (failure === undefined && tally.replies < requests) {
      const own = seed + round;
      round += 1;
      const broken = await playRound(context, own);
      const changed = (await bystander.fingerprint()) !== before && "another user's chats have changed";
      if (broken || changed) failure ??= `${broken || changed}\n\nagain: --seed ${own}`;
      if (heap.middle === 0 && tally.replies > requests / 2) heap.middle = await server.heapMegabytes();
      onRound?.(tally);
    }
  };
  try {
    await Promise.all(Array.from({ length: CLIENTS }, work));
    if (failure === undefined) heap.end = await server.heapMegabytes();
  } finally {
    sender.close();
  }
  return { tally, document, failure, heap };
}

interface RoundContext {
  readonly server: FuzzServer;
  readonly document: ApiDocument;
  readonly sender: Sender;
  readonly tally: Tally;
  readonly theirs: Known;
  readonly forger: string;
}

/** @returns what broke, by the shortest sequence that was found. */
async function playRound(context: RoundContext, seed: number): Promise<string | undefined> {
  const { server, theirs, forger, ...options } = context;
  let users = 0;
  let shrinkUntil = Number.POSITIVE_INFINITY;
  const sequence = fc.array(anyStep(context.document), { minLength: 1, maxLength: STEPS, size: 'max' });
  const isKept = fc.asyncProperty(sequence, async (steps: readonly Step[]) => {
    if (performance.now() > shrinkUntil) return;
    users += 1;
    const user = await server.tokenOf(`fuzz-${seed}-${users}`);
    const client = new Client({
      ...options,
      url: server.url,
      known: new Known(theirs),
      tokens: { user, forger },
    });
    try {
      await client.prepare();
      for (const step of steps) await client.play(step);
    } catch (error) {
      shrinkUntil = Math.min(shrinkUntil, performance.now() + SHRINK_MS);
      throw error;
    }
  });
  const { failed, errorInstance, counterexample } = await fc.check(isKept, { seed, numRuns: SEQUENCES });
  if (!failed) return undefined;
  const [steps = []] = counterexample ?? [];
  return `${(errorInstance as Error).message}\n\nafter ${steps.length - 1} other requests:\n${JSON.stringify(steps).slice(0, 4_000)}`;
}
