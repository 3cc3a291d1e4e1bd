import type { ApiDocument } from '../support/openapi.ts';

/** What was asked and how it was answered. */
export class Tally {
  readonly #counts = new Map<string, Map<number, number>>();
  /** Replies, of every route. */
  replies = 0;
  /** Chats that were read after they were written, and were the same. */
  compared = 0;

  count(route: string, status: number): void {
    const counts = this.#counts.get(route) ?? new Map<number, number>();
    this.#counts.set(route, counts.set(status, (counts.get(status) ?? 0) + 1));
    this.replies += 1;
  }

  /** Successes that the document promises and nobody got: without them a green run would say little. */
  unseen({ routes }: ApiDocument): string[] {
    return routes.flatMap(({ method, path, operation }) =>
      Object.keys(operation.responses)
        .filter(
          (status) => Number(status) < 400 && !this.#counts.get(`${method} ${path}`)?.has(Number(status)),
        )
        .map((status) => `${method} ${path}: ${status}`),
    );
  }

  /** A line for each route: its statuses and how often each came. */
  lines(): string[] {
    return [...this.#counts].sort().map(([route, counts]) => {
      const statuses = [...counts].sort(([a], [b]) => a - b).map(([status, count]) => `${status} × ${count}`);
      return `${route}: ${statuses.join(', ')}`;
    });
  }
}
