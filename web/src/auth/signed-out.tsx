import type { AuthProvider } from './auth-provider.ts';
import { HandToken } from './hand-token.tsx';
import { SignIn } from './sign-in.tsx';

interface SignedOutProps {
  readonly provider: AuthProvider;
  readonly onSignedIn: () => void;
}

/** How the person signs in. It is fetched when nobody is. */
export function SignedOut({ provider, onSignedIn }: SignedOutProps) {
  return provider.kind === 'password' ? (
    <SignIn provider={provider} onSignedIn={onSignedIn} />
  ) : (
    <HandToken provider={provider} onSignedIn={onSignedIn} />
  );
}
