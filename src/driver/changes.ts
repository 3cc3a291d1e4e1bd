/** Whose chats a statement changed; with a run, only that run's events grew. */
export interface Change {
  readonly userId: string;
  readonly run?: {
    readonly runId: string;
    readonly chatId: string;
    /** The number of its last event. */
    readonly lastEvent: number;
  };
}

/** Where a statement notifies of what it changed. */
export interface ChangeSink {
  notify(change: Change): void;
}
