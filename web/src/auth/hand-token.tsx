import type { TokenProvider } from './auth-provider.ts';
import { SignInForm } from './sign-in-form.tsx';

interface HandTokenProps {
  readonly provider: TokenProvider;
  readonly onSignedIn: () => void;
}

/** Says whose token the page needs, how it can be had, and takes it. */
export function HandToken({ provider, onSignedIn }: HandTokenProps) {
  const attempt = (form: FormData) =>
    provider.take(
      String(form.get('token'))
        .trim()
        .replace(/^Bearer\s+/i, ''),
    );
  const other = (
    <p>
      Nobody has to paste where a proxy in front of this server signs people in and adds{' '}
      <code>Authorization: Bearer …</code> to each request.
    </p>
  );
  return (
    <SignInForm
      title="Bring an access token"
      action="Use it"
      attempt={attempt}
      onSignedIn={onSignedIn}
      below={other}
    >
      <p>
        People sign in at <strong>{provider.issuer}</strong>. Paste an access token that it has signed for
        this server; this tab keeps it until it expires or you sign out.
      </p>
      <label>
        Access token
        <input
          name="token"
          type="password"
          autoComplete="off"
          pattern="\s*([Bb]earer\s+)?[\w\-]+\.[\w\-]+\.[\w\-]+\s*"
          title="A signed JWT: three parts with dots between them"
          required
        />
      </label>
    </SignInForm>
  );
}
