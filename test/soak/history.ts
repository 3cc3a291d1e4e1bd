import type { PlacedItem } from '../../src/client/index.ts';

/** What a user said in a chat, and what the server told of it. */
export interface Saying {
  /** Stands in the message and in the answer, and nowhere else. */
  readonly mark: string;
  /** `answered`: the whole answer came. `stored`: the run began. `unknown`: the connection broke before it did. */
  outcome: 'answered' | 'stored' | 'unknown';
}

/** What is wrong with a chat: each saying that was acknowledged is there once and in order, and so is its answer. */
export function findFaults(
  chatId: string,
  sayings: readonly Saying[],
  items: readonly PlacedItem[],
): string[] {
  const said = items.map(({ item }) => item).filter(isFrom('user'));
  const answers = items.map(({ item }) => item).filter(isFrom('assistant'));
  const places = sayings.map(({ mark }) => findPlaces(said, mark));
  const faults = sayings.flatMap(({ mark, outcome }, index) => {
    const count = places[index]?.length ?? 0;
    const answered = findPlaces(answers, mark).length;
    return [
      ...(count === 0 && outcome !== 'unknown' ? [`${mark} is not there`] : []),
      ...(count > 1 ? [`${mark} is there ${count} times`] : []),
      ...(outcome === 'answered' && answered !== 1 ? [`${mark} has ${answered} answers`] : []),
    ];
  });
  const order = places.flat();
  const isInOrder = order.every((place, index) => index === 0 || place > (order[index - 1] as number));
  return [...faults, ...(isInOrder ? [] : ['another order'])].map((fault) => `${chatId}: ${fault}`);
}

const isFrom =
  (role: string) =>
  (item: object): boolean =>
    Reflect.get(item, 'role') === role;

/** A mark ends with a point: `m1.` is not in `m11.`. */
function findPlaces(items: readonly object[], mark: string): number[] {
  return items.flatMap((item, place) => (JSON.stringify(item).includes(mark) ? [place] : []));
}
