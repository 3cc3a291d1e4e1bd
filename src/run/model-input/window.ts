import type { AgentInputItem } from '@openai/agents-core';
import { type Checks, checkOptions, isCount, isFunction, optional } from '../../options.ts';
import { estimateTokens, findTurns } from '../../session/turns.ts';

/** How much of the history a model gets. All of it stays stored and shown. */
export interface HistoryWindow {
  /** The last so many turns, the new message being one. A turn begins with a message of the user. */
  readonly turns?: number | undefined;
  /** The last turns that fit into so many tokens; at least the new message. */
  readonly tokens?: number | undefined;
  /** How many tokens an item takes. Default: a quarter of its JSON's length. */
  readonly countTokens?: ((item: AgentInputItem) => number) | undefined;
  /**
   * What happens when the provider says that the request is too long: `halve` leaves out half of the turns, again and
   * again, until it fits or only the new message is left; `fail` ends the run with `context_too_long`. Default: `halve`.
   */
  readonly whenTooLong?: 'halve' | 'fail' | undefined;
}

const OPTIONS: Checks<HistoryWindow> = {
  turns: optional(isCount),
  tokens: optional(isCount),
  countTokens: optional(isFunction),
  whenTooLong: optional((value) =>
    value === 'halve' || value === 'fail' ? undefined : 'must be halve or fail',
  ),
};

/** @throws QuestlogError `invalid_request` naming what is wrong with a window. */
export function checkWindow(window: HistoryWindow): void {
  checkOptions(window, OPTIONS, { name: 'history', prefix: 'history.' });
}

/**
 * Cuts a history to a window, between turns. The input of the run is kept whole and counts as one turn, whatever it
 * holds.
 */
export function cutToWindow(
  history: readonly AgentInputItem[],
  input: readonly AgentInputItem[],
  { turns, tokens, countTokens = estimateTokens }: HistoryWindow,
): AgentInputItem[] {
  const beginnings = findTurns(history).slice(turns === undefined ? 0 : -(turns - 1) || history.length);
  if (tokens === undefined) return history.slice(beginnings[0] ?? history.length);
  const sum = (items: readonly AgentInputItem[]) =>
    items.reduce((total, item) => total + countTokens(item), 0);
  let start = history.length;
  let left = tokens - sum(input);
  for (const beginning of beginnings.toReversed()) {
    left -= sum(history.slice(beginning, start));
    if (left < 0) break;
    start = beginning;
  }
  return history.slice(start);
}
