import type { AgentInputItem } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { readInput, titleOf } from '../../src/run/lifecycle/read-input.ts';
import { Turns } from '../../src/turns.ts';
import { growth } from '../support/timing.ts';

const say = (content: string): AgentInputItem => ({ role: 'user', content });
const DIE = '🎲';

test.each<[string, AgentInputItem[], string | undefined]>([
  ['its first words', [say('Hail!'), say('Well?')], 'Hail!'],
  ['one line', [say(' a\n\tb\u00a0 c ')], 'a b c'],
  ['80 letters, however they are encoded', [say(DIE.repeat(80))], DIE.repeat(80)],
  ['79 letters and an ellipsis', [say(DIE.repeat(81))], `${DIE.repeat(79)}…`],
  ['no blank before the ellipsis', [say(`${'x'.repeat(78)} ${'y'.repeat(9)}`)], `${'x'.repeat(78)}…`],
  ['what PostgreSQL can hold', [say('a\0b\ud83dc')], 'ab\ufffdc'],
  ['the first that is not blank', [say(' \n'), say('second')], 'second'],
  ['the words of the user', [{ role: 'system', content: 'Be kind' }, say('Hail!')], 'Hail!'],
  [
    'the text among other parts',
    [
      {
        role: 'user',
        content: [
          { type: 'input_image', image: 'https://example.com/a.png' },
          { type: 'input_text', text: 'What is' },
          { type: 'input_text', text: 'this?' },
        ],
      },
    ],
    'What is this?',
  ],
  [
    'the names of the files when there is nothing else',
    [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: '```notes.md\nSecret\n```', filename: 'notes.md' },
          { type: 'input_image', image: 'https://example.com/a.png', filename: 'a.png' },
        ],
      },
    ] as object[] as AgentInputItem[],
    'notes.md, a.png',
  ],
  ['nothing when nothing was said', [{ role: 'system', content: 'Be kind' }], undefined],
  ['nothing when the user sent no text', [{ role: 'user', content: [] }], undefined],
])('a title is %s', (_what, items, title) => {
  expect(titleOf(items)).toBe(title);
});

test('a million letters give a title at once', async () => {
  const titled = (letters: number) => {
    const items = [say(' '.repeat(letters)), say('x'.repeat(letters))];
    return () => expect(titleOf(items)).toBe(`${'x'.repeat(79)}…`);
  };
  // At once: no later than a thousand.
  expect(await growth(titled(1_000), titled(1_000_000), 50)).toBeLessThan(30);
});

test('text is one message of the user, and items stay the objects that they are', async () => {
  const turns = new Turns();
  expect(await readInput(turns, 'ann', 'Hail!', 'other')).toEqual([
    { type: 'message', role: 'user', content: 'Hail!' },
  ]);
  const item = { role: 'user', content: 'Hail!', unknown: { kept: true } };
  expect((await readInput(turns, 'ann', [item], 'other'))[0]).toBe(item);
});
