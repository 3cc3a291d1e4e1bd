/** What the server tells the page about itself, in `index.html`. */
export interface PageConfig {
  /** Null: one local user, no sign-in. */
  readonly stack: StackConfig | null;
}

export interface StackConfig {
  readonly projectId: string;
  readonly apiUrl: string;
  /** Null: the operator has not set it: there is no signing in here. */
  readonly publishableClientKey: string | null;
}

/** Reads the page's configuration; a page that no Questlog server has served has none. */
export function readPageConfig(): PageConfig {
  const text = document.querySelector<HTMLMetaElement>('meta[name="questlog-config"]')?.content;
  return text ? (JSON.parse(text) as PageConfig) : { stack: null };
}
