import type { ToolResult } from './conversation.ts';
import { totalOf } from './phrases.ts';

const ABILITIES = ['STR', 'DEX', 'CON', 'INT', 'WIS', 'CHA'];
/** The scores of fifth edition for those who do not roll. */
const STANDARD_ARRAY = [15, 14, 13, 12, 10, 8];

const NAMES = ['Brenna Ashdown', 'Tovin Reed', 'Isolde Farrow', 'Garrick Stone', 'Maelis Thorn'];
const PEOPLES = ['human', 'elf', 'dwarf', 'halfling', 'gnome', 'tiefling', 'dragonborn'];
const CLASSES = ['fighter', 'wizard', 'rogue', 'cleric', 'ranger', 'bard', 'paladin', 'druid', 'warlock'];

const WISH =
  /\bcreate\b.{0,40}\bcharacter\b|\b(?:make|build|roll(?: up)?|generate|need|want)\s+(?:me\s+)?(?:an?|new)\s.{0,40}\bcharacter\b/i;
const NAMED = /\b(?:named|called)\s+(\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’-]*){0,2})/u;

/** Whether a message asks for a character. */
export function wantsCharacter(text: string): boolean {
  return WISH.test(text);
}

/**
 * A character that keeps what the user's message says (name, people, class), with one ability score for each roll,
 * or the standard array when the rolls are not six.
 */
export function characterSheet(wish: string, rolls: readonly ToolResult[]): string {
  const rolled = rolls.map(totalOf).filter((total) => total !== undefined);
  const hasRolls = rolled.length === ABILITIES.length;
  const scores = hasRolls ? rolled : STANDARD_ARRAY;
  const seed = scores.reduce((total, score) => total + score, wish.length);
  const name = NAMED.exec(wish)?.[1] ?? pick(NAMES, seed);
  const kind = `${mentioned(PEOPLES, wish) ?? pick(PEOPLES, seed)} ${mentioned(CLASSES, wish) ?? pick(CLASSES, seed)}`;
  const sheet = ABILITIES.map((ability, index) => describeScore(ability, scores[index] ?? 0)).join(', ');
  return `Meet ${name}, ${kind}, level 1.\n${sheet} (${hasRolls ? '4d6, highest three' : 'standard array'}).`;
}

function describeScore(ability: string, score: number): string {
  const modifier = Math.floor((score - 10) / 2);
  return `${ability} ${score} (${modifier < 0 ? '' : '+'}${modifier})`;
}

function mentioned(words: readonly string[], text: string): string | undefined {
  return words.find((word) => new RegExp(`\\b${word}\\b`, 'i').test(text));
}

function pick(words: readonly string[], seed: number): string | undefined {
  return words[seed % words.length];
}
