import { characterSheet, wantsCharacter } from './character.ts';
import type { Abilities, Conversation, Reply, Skill, ToolResult } from './conversation.ts';
import { findDiceNotation } from './dice-notation.ts';
import { callByName } from './named-call.ts';
import { deleteNote, listNotes, saveNote } from './notes.ts';
import { describeNotes, describeRoll, quote } from './phrases.ts';

const QUOTED_MESSAGES = 5;
const ABILITY_SCORES = 6;

const NAME_QUESTION = /\bwhat(?:['’]s| is| was) my name\b|\bwho am i\b/i;
const PAST_QUESTION =
  /\bwhat (?:did|have|were|was) (?:we|i)\b|\bwhat .{0,60}\b(?:discuss|talk(?:ed)? about)|\bdo you (?:still )?remember\b/i;
const NAME =
  /\b(?:[Mm]y name is|[Cc]all me)\s+(\p{L}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’-]*){0,2})|\bI(?: am|['’]m)\s+(\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’-]*){0,2})/u;
const GREETING = /^\W*(?:hi|hello|hey|hail|greetings|good (?:morning|day|evening))\b/i;
const ROLL = /\broll\b|\bthrow\b.{0,20}\b(?:die|dice)\b/i;

/** The first that has something to say wins. What a tool gave in this turn is told before anything else is called. */
const SKILLS: readonly Skill[] = [
  deleteNote,
  callByName,
  tellResults,
  recallName,
  recallPast,
  listNotes,
  saveNote,
  character,
  roll,
];

/** Answers the last message of the user. */
export function replyTo(conversation: Conversation, abilities: Abilities): Reply {
  for (const skill of SKILLS) {
    const reply = skill(conversation, abilities);
    if (reply !== undefined) return reply;
  }
  return smallTalk(conversation, abilities);
}

function tellResults({ question, results }: Conversation): Reply | undefined {
  const told = results.filter((result) => TELLERS.has(result.tool));
  if (told.length === 0) return undefined;
  const sheet = wantsCharacter(question) ? characterSheet(question, told) : undefined;
  return { text: sheet ?? told.map((result) => TELLERS.get(result.tool)?.(result)).join('\n') };
}

const TELLERS: ReadonlyMap<string, (result: ToolResult) => string> = new Map([
  ['roll_dice', describeRoll],
  ['save_note', (result) => (result.text.startsWith('{') ? 'It is in the campaign notes now.' : result.text)],
  ['list_notes', describeNotes],
  ['delete_note', (result) => result.text],
]);

function recallName({ question, earlier }: Conversation): Reply | undefined {
  if (!NAME_QUESTION.test(question)) return undefined;
  const match = [...earlier, question]
    .reverse()
    .map((text) => NAME.exec(text))
    .find(Boolean);
  const name = match?.[1] ?? match?.[2];
  return { text: name ? `You are ${name}: you told me so.` : 'You have not told me your name yet.' };
}

function recallPast({ question, earlier }: Conversation): Reply | undefined {
  if (!PAST_QUESTION.test(question)) return undefined;
  if (earlier.length === 0)
    return { text: 'This is where our tale begins: you have told me nothing before.' };
  const quotes = earlier.slice(-QUOTED_MESSAGES).map((text) => `- ${quote(text)}`);
  const count = earlier.length === 1 ? 'one message' : `${earlier.length} messages`;
  const which = earlier.length > quotes.length ? `. The last ${quotes.length}` : '';
  return { text: `Before this I had ${count} from you${which}:\n${quotes.join('\n')}` };
}

/** Hands over once in a turn; without anyone to hand over to, or after it, rolls the scores itself. */
function character({ question, results }: Conversation, abilities: Abilities): Reply | undefined {
  if (!wantsCharacter(question)) return undefined;
  const handoff = abilities.handoffs.find((name) => /character/i.test(name));
  if (handoff !== undefined && results.every((result) => result.tool !== handoff)) {
    return { calls: [{ tool: handoff, input: {} }] };
  }
  if (!abilities.tools.includes('roll_dice')) return { text: characterSheet(question, []) };
  const score = { tool: 'roll_dice', input: { notation: '4d6kh3' } };
  return { calls: Array.from({ length: ABILITY_SCORES }, () => score) };
}

function roll({ question }: Conversation, { tools }: Abilities): Reply | undefined {
  const notation = findDiceNotation(question) ?? (ROLL.test(question) ? 'd20' : undefined);
  if (notation === undefined || !tools.includes('roll_dice')) return undefined;
  return { calls: [{ tool: 'roll_dice', input: { notation } }] };
}

function smallTalk({ question, remembered }: Conversation, { tools }: Abilities): Reply {
  const memory = remembered === 1 ? 'one earlier message' : `${remembered} earlier messages`;
  const key = 'set OPENAI_API_KEY for a real one';
  if (!tools.includes('roll_dice')) {
    const [tool] = tools;
    const advice = tool === undefined ? '' : ` To try a tool, say: Call ${tool} {…its arguments…}`;
    return { text: `I am the offline model: ${key}. I remember ${memory}.${advice}` };
  }
  const opening = GREETING.test(question)
    ? 'Well met, traveller! Sit by the fire and tell me what you seek.'
    : 'The fire crackles while I think about your words.';
  return { text: `${opening} I remember ${memory} of our tale. (I am the offline model: ${key}.)` };
}
