/** How people sign in, as the server tells the page in `index.html`. */
export type PageConfig = LocalConfig | StackConfig | JwtConfig;

/** One local user, who need not. */
interface LocalConfig {
  readonly kind: 'local';
}

/** With Stack Auth, on this page. */
export interface StackConfig {
  readonly kind: 'stack';
  readonly projectId: string;
  readonly apiUrl: string;
  /** Null: the operator has not set it: there is no signing in here. */
  readonly publishableClientKey: string | null;
}

/** Elsewhere: the page is handed an access token of this issuer. */
export interface JwtConfig {
  readonly kind: 'jwt';
  readonly issuer: string;
}

/** Reads the page's configuration; a page that no Questlog server has served has none. */
export function readPageConfig(): PageConfig {
  const text = document.querySelector<HTMLMetaElement>('meta[name="questlog-config"]')?.content;
  return text ? (JSON.parse(text) as PageConfig) : { kind: 'local' };
}
