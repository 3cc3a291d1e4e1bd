import type { Reply } from './reply.ts';
import type { ApiItem, Links } from './responses-faults.ts';

/** What a stand-in has to know of the API that it stands in for. */
export interface Dialect {
  readonly path: string;
  inputOf(body: Readonly<Record<string, unknown>>): ApiItem[];
  faultOf(input: readonly ApiItem[], links: Links): string | undefined;
  /** What it says to more tokens than it takes. */
  tooLong(maxTokens: number): string;
  /** The items of an answer that come back in a later request with the same ids. */
  outputOf(reply: Reply, number: number): readonly ApiItem[];
  /** The answer to a request that does not stream. */
  whole(reply: Reply, number: number): object;
  stream(reply: Reply, number: number): AsyncGenerator<object>;
  errorEvent(message: string): object;
  /** What the stream ends with after its last event. */
  readonly last: string;
}
