import type { Failure } from '../failure.ts';

/** Who uses the page. */
export interface Account {
  /** Nobody else has it. */
  readonly id: string;
  /** What to call them; undefined: nobody has said. */
  readonly name: string | undefined;
  readonly getToken: (options: { readonly refresh: boolean }) => Promise<string | null>;
  /** Undefined: not from here. */
  readonly signOut: (() => Promise<void>) | undefined;
}

/** A way to sign in through another page, such as "GitHub". */
export interface Elsewhere {
  readonly name: string;
  go(): Promise<void>;
}

/** What knows the user. */
export type AuthProvider = PasswordProvider | TokenProvider;

interface Accounts {
  /** Undefined: no user is signed in. */
  account(): Promise<Account | undefined>;
}

/** People sign in on this page. */
export interface PasswordProvider extends Accounts {
  readonly kind: 'password';
  /** @returns what was wrong; undefined when they are signed in. */
  signIn(email: string, password: string): Promise<Failure | undefined>;
  signUp(email: string, password: string): Promise<Failure | undefined>;
  elsewhere(): Promise<readonly Elsewhere[]>;
}

/** People sign in elsewhere, and hand the page an access token. */
export interface TokenProvider extends Accounts {
  readonly kind: 'token';
  /** Whose tokens the server takes. */
  readonly issuer: string;
  /** @returns what the server says against the token; undefined when its user is signed in. */
  take(token: string): Promise<Failure | undefined>;
}
