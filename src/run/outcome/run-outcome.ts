import type { StreamCompleteEvent } from '../../wire/events.ts';

/** What is stored of a run that succeeded. */
export type RunOutcome = Pick<
  StreamCompleteEvent,
  'final_output' | 'refusal' | 'response_id' | 'incomplete' | 'omitted_turns'
>;

const NO_OUTCOME: RunOutcome = {
  final_output: null,
  refusal: null,
  response_id: null,
  incomplete: null,
  omitted_turns: 0,
};

/** The stored outcome of a run; of one that has none yet, or that an earlier version stored, with nothing in its place. */
export function readOutcome(text: string | null): RunOutcome {
  return { ...NO_OUTCOME, ...(JSON.parse(text ?? '{}') as Partial<RunOutcome>) };
}
