/** One message of a conversation: what every store is given to keep. */
export interface Message {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

const WORDS =
  'the dragon guards an old bridge north of the village and asks every traveller for a riddle '.split(' ');

/** A question of 120 bytes and an answer of 900: one turn, about 1 KB. */
export function turn(number: number): readonly Message[] {
  return [
    { role: 'user', text: textOf(number, 120) },
    { role: 'assistant', text: textOf(number + 7, 900) },
  ];
}

/** A conversation of `count` messages. */
export function conversation(count: number): Message[] {
  return Array.from({ length: Math.ceil(count / 2) }, (_, index) => turn(index))
    .flat()
    .slice(0, count);
}

/** No two alike, or compression would make them smaller than real ones. */
function textOf(seed: number, length: number): string {
  let text = `${seed} `;
  for (let word = seed; text.length < length; word = (word * 31 + 17) % 1_000_003) {
    text += `${WORDS[word % WORDS.length]}${word % 97} `;
  }
  return text.slice(0, length);
}
