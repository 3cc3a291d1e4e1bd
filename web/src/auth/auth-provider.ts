/** Who uses the page. */
export interface Account {
  /** What to call them. */
  readonly name: string;
  readonly getToken: (options: { readonly refresh: boolean }) => Promise<string | null>;
  signOut(): Promise<void>;
}

/** A way to sign in through another page, such as "GitHub". */
export interface Elsewhere {
  readonly name: string;
  go(): Promise<void>;
}

/** What knows the user. */
export interface AuthProvider {
  /** Undefined: no user is signed in. */
  account(): Promise<Account | undefined>;
  /** @returns what was wrong, for the person; undefined when they are signed in. */
  signIn(email: string, password: string): Promise<string | undefined>;
  signUp(email: string, password: string): Promise<string | undefined>;
  elsewhere(): Promise<readonly Elsewhere[]>;
}
