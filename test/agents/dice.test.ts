import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiceRoll, type RandomDie, rollDice, secureDie } from '../../src/agents/dungeon-master/dice.ts';
import { QuestlogError } from '../../src/errors.ts';
import { findDiceNotation } from '../../src/models/offline/dice-notation.ts';

/** Dice that fall as the test says, in this order, and then on 1. */
function loaded(...values: number[]): RandomDie {
  const left = [...values];
  return () => left.shift() ?? 1;
}

function shown(roll: DiceRoll): string[] {
  return roll.groups.flatMap((group) =>
    group.dice.map((die) => (die.kept ? `${die.value}` : `(${die.value})`)),
  );
}

describe('a roll', () => {
  it.each([
    ['d20', [17], ['17'], 17],
    ['2d6+3', [2, 5], ['2', '5'], 10],
    ['3d6+1d4-2', [1, 2, 3, 4], ['1', '2', '3', '4'], 8],
    ['2d6-1d4', [6, 6, 3], ['6', '6', '3'], 9],
    ['d%', [77], ['77'], 77],
    ['4d6kh3+2', [3, 1, 6, 4], ['3', '(1)', '6', '4'], 15],
    ['2d20kl1', [15, 4], ['(15)', '4'], 4],
    ['2d20kh', [15, 4], ['15', '(4)'], 15],
    ['4d6dl1', [3, 1, 6, 4], ['3', '(1)', '6', '4'], 13],
    ['4d6dh1', [3, 1, 6, 4], ['3', '1', '(6)', '4'], 8],
    ['2d6!', [6, 6, 2, 3], ['6', '6', '2', '3'], 17],
    ['2d6!kh1', [6, 4, 5], ['6', '(4)', '(5)'], 6],
  ])('of %s counts the dice that it keeps', (notation, values, dice, total) => {
    const roll = rollDice(notation, loaded(...values));
    expect(shown(roll)).toEqual(dice);
    expect(roll.total).toBe(total);
  });

  it('tolerates white space and upper case, and tells the notation without them', () => {
    const roll = rollDice('  4D6 KH3 + 2 - D4 ', loaded(6, 5, 4, 3, 1));
    expect(roll).toMatchObject({ notation: '4d6kh3+2-d4', modifier: 2, total: 16 });
    expect(roll.groups.map((group) => [group.notation, group.total])).toEqual([
      ['4d6kh3', 15],
      ['-d4', -1],
    ]);
  });

  it('of dice that always explode ends', () => {
    const roll = rollDice('3d1!');
    expect(roll.groups[0]?.dice).toHaveLength(103);
  });

  it('with the default die is unpredictable and fair at both ends', () => {
    const seen = new Set(Array.from({ length: 200 }, () => secureDie(4)));
    expect([...seen].sort()).toEqual([1, 2, 3, 4]);
  });
});

describe('a notation', () => {
  it.each([
    ['', 'at least one die'],
    ['5', 'at least one die'],
    ['0d6', 'at least one die'],
    ['d0', '1 to 1000000 sides'],
    ['d1000001', '1 to 1000000 sides'],
    ['1001d6', 'at most 1000 dice'],
    ['600d6+600d6', 'at most 1000 dice'],
    ['d20+9999999', 'add or subtract at most'],
    ['4d6kh5', 'keep or drop 1 to 4 dice'],
    ['4d6dl0', 'keep or drop 1 to 4 dice'],
    ['d20 5', 'must be dice such as'],
    ['2d6d8', 'must be dice such as'],
    ['d20+', 'must be dice such as'],
    ['swords', 'must be dice such as'],
    ['d6'.padEnd(201, '+1'), 'at most 200 characters'],
  ])('of %j is refused with the reason', (notation, reason) => {
    const error = catchError(() => rollDice(notation));
    expect(error).toBeInstanceOf(QuestlogError);
    expect(error).toMatchObject({ code: 'invalid_request', errors: [{ field: 'notation' }] });
    expect(error.message).toContain(reason);
  });

  it('is either rolled or refused, whatever the text', () => {
    const characters = fc.string({ unit: fc.constantFrom(...'0123456789dDkKhHlL!%+- x'), maxLength: 24 });
    fc.assert(
      fc.property(characters, (text) => {
        try {
          expect(Number.isSafeInteger(rollDice(text, () => 1).total)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(QuestlogError);
        }
      }),
    );
  });
});

describe('for any dice', () => {
  const dice = fc.record({
    count: fc.integer({ min: 1, max: 40 }),
    sides: fc.integer({ min: 1, max: 1000 }),
    modifier: fc.integer({ min: 0, max: 100 }),
  });

  it('the total lies between all ones and all highest', () => {
    fc.assert(
      fc.property(dice, ({ count, sides, modifier }) => {
        const { total } = rollDice(`${count}d${sides}+${modifier}`);
        expect(total).toBeGreaterThanOrEqual(count + modifier);
        expect(total).toBeLessThanOrEqual(count * sides + modifier);
      }),
    );
  });

  it('keeping the highest is dropping the lowest, and never worse than keeping the lowest', () => {
    const values = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(values, fc.nat(), (rolled, choice) => {
        const kept = 1 + (choice % (rolled.length - 1));
        const roll = (rule: string) => rollDice(`${rolled.length}d20${rule}`, loaded(...rolled));
        expect(roll(`kh${kept}`)).toMatchObject({ total: roll(`dl${rolled.length - kept}`).total });
        expect(roll(`kl${kept}`)).toMatchObject({ total: roll(`dh${rolled.length - kept}`).total });
        expect(roll(`kh${kept}`).total).toBeGreaterThanOrEqual(roll(`kl${kept}`).total);
      }),
    );
  });
});

describe('dice in a text', () => {
  it.each([
    ['I attack with D20+5!', 'D20+5'],
    ['Roll 4d6kh3 for strength, then d8', '4d6kh3'],
    ['damage: 2d6 + 1d4 - 2 fire', '2d6 + 1d4 - 2'],
    ['d% on the table', 'd%'],
  ])('of %j are found', (text, notation) => {
    expect(findDiceNotation(text)).toBe(notation);
    expect(() => rollDice(notation)).not.toThrow();
  });

  it.each(['hello there', '3d printing', '3D models', 'chat 019ad3d4-7f2a-7cc1', 'd20s are nice', ''])(
    'are not seen in %j',
    (text) => {
      expect(findDiceNotation(text)).toBeUndefined();
    },
  );
});

function catchError(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
