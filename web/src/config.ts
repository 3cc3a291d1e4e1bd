/** What the server tells the page in `index.html`. */
export type PageConfig = SignInConfig & {
  /** What stands before each path of the page and the API: nothing, or such as `/questlog`. */
  readonly basePath: string;
};

/** How people sign in. */
type SignInConfig = LocalConfig | StackConfig | JwtConfig;

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
  return text ? (JSON.parse(text) as PageConfig) : { kind: 'local', basePath: '' };
}

/** A path of the page or the API, as browsers know it. */
export function pathOf(path: string): string {
  return readPageConfig().basePath + path;
}

/** The path where the page is, as `pathOf` takes it. */
export function readPath(): string {
  return location.pathname.slice(readPageConfig().basePath.length) || '/';
}

/** Where the API is, for its client. */
export function apiUrl(): string {
  return location.origin + pathOf('');
}

/** What the browser shares among all pages of an origin gets a name of this Questlog. */
export function ownName(name: string): string {
  return `questlog${readPageConfig().basePath}${name}`;
}
