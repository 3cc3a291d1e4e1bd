/** What every tool of an agent gets as its run context. */
export interface ChatContext {
  readonly userId: string;
  /** Null for a run without memory. */
  readonly chatId: string | null;
  readonly runId: string;
  /** What the client sent as `context` in its request: input of a stranger, not to be trusted. */
  readonly request: Readonly<Record<string, unknown>>;
}
