import type { QuestlogClient, SearchResponse, SearchResult } from 'questlog/client';
import { type Failure, failureOf } from '../../failure.ts';
import { Observable } from '../../observable.ts';

export interface FoundState {
  /** `none`: nothing is looked for. */
  readonly phase: 'none' | 'loading' | 'ready' | 'failed';
  readonly error: Failure | undefined;
  /** The best first; those of the words before while others are looked for. */
  readonly results: readonly SearchResult[];
  readonly nextCursor: string | null;
  /** All chats have been looked through. */
  readonly isComplete: boolean;
}

/** A pause in typing: each search costs the server more than a list of titles does. */
const PAUSE_MS = 250;
/** Longer ones are refused. */
export const MAX_QUERY = 500;

const NOTHING: FoundState = {
  phase: 'none',
  error: undefined,
  results: [],
  nextCursor: null,
  isComplete: true,
};

/** What was said in the chats of the user and has the words that they look for. */
export class FoundStore {
  readonly state = new Observable<FoundState>(NOTHING);
  readonly #client: QuestlogClient;
  #query = '';
  #typing: ReturnType<typeof setTimeout> | undefined;
  #asked = new AbortController();

  constructor(client: QuestlogClient) {
    this.#client = client;
  }

  /** Looks for these words when they have been there for a moment. */
  search(query: string): void {
    this.#query = query.trim().slice(0, MAX_QUERY);
    clearTimeout(this.#typing);
    this.#asked.abort();
    if (this.#query === '') this.state.set(NOTHING);
    else {
      this.state.update({ phase: 'loading', nextCursor: null });
      this.#typing = setTimeout(() => void this.again(), PAUSE_MS);
    }
  }

  /** Looks for the same words once more. */
  async again(): Promise<void> {
    this.state.update({ phase: 'loading' });
    await this.#ask({}, ({ items }) => items);
  }

  async loadMore(): Promise<void> {
    const { nextCursor, phase, results } = this.state.get();
    if (nextCursor === null || phase === 'loading') return;
    this.state.update({ phase: 'loading' });
    await this.#ask({ cursor: nextCursor }, ({ items }) => [...results, ...items]);
  }

  async #ask(
    page: { readonly cursor?: string },
    resultsOf: (page: SearchResponse) => readonly SearchResult[],
  ): Promise<void> {
    this.#asked.abort();
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    try {
      const found = await this.#client.searchChats(this.#query, { ...page, signal });
      if (signal.aborted) return;
      this.state.set({
        phase: 'ready',
        error: undefined,
        results: resultsOf(found),
        nextCursor: found.next_cursor,
        isComplete: found.is_complete,
      });
    } catch (error) {
      if (!signal.aborted) this.state.update({ phase: 'failed', error: failureOf(error) });
    }
  }
}
