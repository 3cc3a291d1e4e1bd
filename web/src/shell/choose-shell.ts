import { KNOWN_TO_PROXY, PERSON, TOKEN } from '../auth/stored-keys.ts';
import type { PageConfig } from '../config.ts';
import { readStored } from '../storage.ts';

/** What `index.html` shows of the page before the page is there; `shell.css` has what each is. */
type Shell = 'new-chat' | 'chat' | 'other' | 'sign-in';

export function chooseShell(config: PageConfig, path: string): Shell {
  if (!seemsSignedIn(config)) return 'sign-in';
  if (path === '/') return 'new-chat';
  return path.startsWith('/c/') ? 'chat' : 'other';
}

/** By what this browser keeps: whether it is true is known later. */
function seemsSignedIn({ kind }: PageConfig): boolean {
  const person = readStored<string>(PERSON);
  if (kind === 'jwt') return person === KNOWN_TO_PROXY || readStored(TOKEN, 'sessionStorage') !== undefined;
  return kind === 'local' || person !== undefined;
}
