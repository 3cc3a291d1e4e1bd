import { QuestlogError } from '../../errors.ts';
import {
  type Check,
  type Checks,
  checkOptions,
  isCount,
  isFunction,
  isText,
  optional,
} from '../../options.ts';

/** What makes texts into numbers that are alike where their meanings are: a model of yours. */
export interface Embedder {
  /** Names the model: with another name all is embedded anew. */
  readonly model: string;
  /** How many numbers each text gets, at most 4,096. */
  readonly dimensions: number;
  /**
   * Gives each of the texts its numbers, in their order: at most 32 texts of at most 8,000 characters.
   *
   * @param signal is aborted when nobody waits any more.
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly ArrayLike<number>[]>;
  /** What is less like a query is not found by it: a cosine, from 0 to 1. Default: 0. */
  readonly minLikeness?: number | undefined;
  /** Is told what fails, for a log. Searches find by words all the same, and what could not be embedded is tried again. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const MAX_DIMENSIONS = 4_096;

const OPTIONS: Checks<Embedder> = {
  model: isText,
  dimensions: (value) =>
    isCount(value) ?? (Number(value) > MAX_DIMENSIONS ? `must be at most ${MAX_DIMENSIONS}` : undefined),
  embed: isFunction,
  minLikeness: optional((value) =>
    typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'must be a number from 0 to 1',
  ),
  onError: optional(isFunction),
};

/** Of an option. */
export const mustBeEmbedder: Check = (value) => {
  try {
    checkOptions(value, OPTIONS, { name: 'embedder' });
    return undefined;
  } catch (error) {
    return error instanceof QuestlogError ? `is wrong: ${error.message}` : 'is wrong';
  }
};

/** Says of which model embeddings are. */
export function toModelFormat({ model, dimensions }: Embedder): string {
  return `${model}/${dimensions}`;
}

/**
 * Embeds texts within a time, also where the embedder does not look at its signal.
 *
 * @throws QuestlogError `model_timeout`, or `model_failed` of numbers that are none; what the embedder throws.
 */
export async function embedTexts(
  embedder: Embedder,
  texts: readonly string[],
  ms: number,
): Promise<number[][]> {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      ending.abort();
      reject(new QuestlogError('model_timeout', `nothing was embedded within ${ms} ms`));
    }, ms);
  });
  try {
    const given: unknown = await Promise.race([embedder.embed(texts, ending.signal), ended]);
    return checkEmbeddings(given, texts.length, embedder.dimensions);
  } finally {
    clearTimeout(timer);
  }
}

function checkEmbeddings(given: unknown, count: number, dimensions: number): number[][] {
  if (!Array.isArray(given) || given.length !== count) {
    const got = Array.isArray(given) ? `${given.length} embeddings` : 'no list';
    throw new QuestlogError('model_failed', `embed gave ${got} for ${count} texts`);
  }
  return given.map((one: unknown) => {
    const { length } = Object(one) as ArrayLike<unknown>;
    if (length !== dimensions) {
      throw new QuestlogError(
        'model_failed',
        `embed gave ${Number(length)} numbers in place of ${dimensions}`,
      );
    }
    const numbers = Array.from(one as ArrayLike<unknown>);
    if (!numbers.every((number) => Number.isFinite(number)) || numbers.every((number) => number === 0)) {
      throw new QuestlogError('model_failed', 'embed gave what is no direction: not finite, or zeros');
    }
    return numbers as number[];
  });
}
