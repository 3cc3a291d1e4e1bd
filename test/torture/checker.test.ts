import { describe, expect, it } from 'vitest';
import { findFaults } from './checker.ts';
import type { Found, FoundChat, Operation } from './history.ts';

const CHAT: FoundChat = {
  chatId: 'c',
  userId: 'u',
  title: 'old',
  isActive: true,
  nextPosition: 0,
  activeRun: null,
  items: [],
};

/** One operation after another: each begins a millisecond after the one before has ended. */
function inTurn(...operations: readonly Partial<Operation>[]): Operation[] {
  const created: Partial<Operation> = { kind: 'create', title: 'old' };
  return [created, ...operations].map((operation, turn) => ({
    kind: 'append',
    userId: 'u',
    chatId: 'c',
    begin: 2 * turn,
    end: operation.outcome === 'unknown' ? Number.POSITIVE_INFINITY : 2 * turn + 1,
    outcome: 'done',
    marks: [],
    ...operation,
  }));
}

/** All at once: each may have taken effect before or after any other. */
const atOnce = (...operations: readonly Partial<Operation>[]) =>
  inTurn(...operations).map((operation, turn) =>
    turn === 0 ? operation : { ...operation, begin: 2, end: 3 },
  );

const write = (...marks: readonly string[]): Partial<Operation> => ({ marks });
const pop = (popped?: string | null): Partial<Operation> => ({ kind: 'pop', popped });
const clear: Partial<Operation> = { kind: 'clear' };
const unknown = (operation: Partial<Operation>): Partial<Operation> => ({ ...operation, outcome: 'unknown' });
const refused = (operation: Partial<Operation>): Partial<Operation> => ({ ...operation, outcome: 'refused' });

/** A chat whose items stand at the positions of this list; undefined leaves one free. */
function holding(marks: readonly (string | undefined)[], chat: Partial<FoundChat> = {}): Found {
  const items = marks.flatMap((mark, position) =>
    mark === undefined ? [] : [{ position, mark, archived: false }],
  );
  return {
    chats: [{ ...CHAT, items, nextPosition: marks.length, ...chat }],
    runs: [],
    counts: [{ userId: 'u', active: 1, inactive: 0 }],
    executed: [],
  };
}

const archived = (found: Found): Found => ({
  ...found,
  chats: found.chats.map((chat) => ({
    ...chat,
    items: chat.items.map((item) => ({ ...item, archived: true })),
  })),
});

describe('the checker takes', () => {
  it.each<[string, Operation[], Found]>([
    ['what was written, in its order', inTurn(write('a', 'b'), write('c')), holding(['a', 'b', 'c'])],
    ['either order of what was written at once', atOnce(write('a'), write('b')), holding(['b', 'a'])],
    ['a write without an answer that happened', inTurn(unknown(write('a'))), holding(['a'])],
    ['one that did not', inTurn(unknown(write('a'))), holding([])],
    ['one that happened later', inTurn(unknown(write('a')), write('b')), holding(['b', 'a'])],
    ['what was popped', inTurn(write('a', 'b'), pop('b')), holding(['a', undefined])],
    ['what a pop without an answer may have taken', inTurn(write('a'), unknown(pop())), holding([undefined])],
    ['what was archived', inTurn(write('a'), clear), archived(holding(['a']))],
    ['what was replaced', inTurn(write('a'), { kind: 'put', marks: ['b'] }), holding([undefined, 'b'])],
    ['what was not there for a pop yet', atOnce(write('a'), pop()), holding(['a'])],
    [
      'any of two titles at once',
      atOnce({ kind: 'title', title: 'x' }, { kind: 'title', title: 'y' }),
      holding([], { title: 'x' }),
    ],
  ])('%s', (_, history, found) => {
    expect(findFaults(history, found)).toEqual([]);
  });
});

describe('the checker finds', () => {
  it.each<[string, Operation[], Found, RegExp]>([
    ['a lost item', inTurn(write('a'), write('b')), holding([undefined, 'b']), /a: lost/],
    [
      'one more than pops may have taken',
      inTurn(write('a', 'b'), unknown(pop())),
      holding([undefined, undefined]),
      /lost, with 1 pops/,
    ],
    [
      'an item that a clear before it cannot have taken',
      inTurn(clear, write('a')),
      holding([undefined]),
      /lost/,
    ],
    ['a lost chat', inTurn(), { ...holding([]), chats: [] }, /the chat is gone/],
    ['an item that is there twice', inTurn(write('a')), holding(['a', 'a']), /a is there 2 times/],
    [
      'one without an answer that is there twice',
      inTurn(unknown(write('a'))),
      holding(['a', 'a']),
      /2 times/,
    ],
    [
      'items in the wrong order',
      inTurn(write('a'), write('b')),
      holding(['b', 'a']),
      /a was stored before b/,
    ],
    ['half an append', inTurn(unknown(write('a', 'b'))), holding([undefined, 'b']), /a, b are at/],
    [
      'an append with another inside',
      atOnce(write('a', 'b'), write('c')),
      holding(['a', 'c', 'b']),
      /a, b are at 0, 2/,
    ],
    ['what was refused', inTurn(refused(write('a'))), holding(['a']), /a is there, and was refused/],
    ['what nobody wrote', inTurn(), holding(['a']), /a was not written here/],
    ['two pops of one item', inTurn(write('a'), pop('a'), pop('a')), holding([undefined]), /popped twice/],
    [
      'a popped item that is there',
      inTurn(write('a'), pop('a')),
      holding(['a']),
      /a was popped, and is there/,
    ],
    [
      'a cleared item that is there',
      inTurn(write('a'), clear),
      holding(['a']),
      /a was removed, and is there/,
    ],
    ['a replaced item that is there', inTurn(write('a'), { kind: 'put' }), holding(['a']), /a was removed/],
    [
      'an archived item that nobody cleared',
      inTurn(write('a')),
      archived(holding(['a'])),
      /where nobody put it/,
    ],
    [
      'a pop that did not take the newest',
      inTurn(write('a'), write('b'), pop('a')),
      holding([undefined, 'b']),
      /a pop returned a, and left b/,
    ],
    [
      'a pop that found nothing',
      inTurn(write('a'), pop()),
      holding(['a']),
      /a pop returned nothing, and left a/,
    ],
    ['a pop of another chat’s item', inTurn(pop('x')), holding([]), /x was popped elsewhere/],
    [
      'a next position that is taken',
      inTurn(write('a')),
      holding(['a'], { nextPosition: 0 }),
      /not before 0/,
    ],
    [
      'a position that nobody took',
      inTurn(write('a')),
      holding(['a'], { nextPosition: 2 }),
      /next position is 2, and 1 were/,
    ],
    [
      'a title that was overwritten',
      inTurn({ kind: 'title', title: 'new' }),
      holding([]),
      /the title is old/,
    ],
    ['a deletion that did not stay', inTurn({ kind: 'delete' }), holding([]), /the state is active/],
    ['a wrong count', inTurn(), { ...holding([]), counts: [] }, /u has 1 chats/],
    ['a chat that is busy for ever', inTurn(), holding([], { activeRun: 'r' }), /c is busy with r/],
  ])('%s', (_, history, found, fault) => {
    expect(findFaults(history, found)).toContainEqual(expect.stringMatching(fault));
  });

  const begun = (ending = ''): Partial<Operation> => ({ kind: 'run', marks: ['a'], runId: 'r', ending });
  const ended = (status: string, executed: readonly string[] = []): Found => ({
    ...holding(['a']),
    runs: [{ runId: 'r', userId: 'u', chatId: 'c', status }],
    executed,
  });

  it.each<[string, Partial<Operation>[], Found, RegExp]>([
    ['a run that is not there', [begun()], holding(['a']), /r had begun/],
    ['a run that runs for ever', [begun()], ended('running'), /r runs for ever/],
    [
      'a run that ended otherwise',
      [begun('stream_complete')],
      ended('failed'),
      /told to be completed, and is failed/,
    ],
    ['a tool executed twice', [begun()], ended('completed', ['a/1', 'a/1']), /a\/1 was executed twice/],
    ['a tool that nobody approved', [begun()], ended('completed', ['a/guarded']), /nobody approved/],
    [
      'two decisions',
      [begun(), { kind: 'approve', runId: 'r' }, { kind: 'approve', runId: 'r' }],
      ended('completed'),
      /decided twice/,
    ],
  ])('%s', (_, operations, found, fault) => {
    expect(findFaults(inTurn(...operations), found)).toContainEqual(expect.stringMatching(fault));
  });
});
