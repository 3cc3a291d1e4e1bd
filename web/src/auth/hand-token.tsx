import { Filled } from '../texts/filled.tsx';
import { useTexts } from '../texts/texts-provider.tsx';
import type { TokenProvider } from './auth-provider.ts';
import { SignInForm } from './sign-in-form.tsx';

interface HandTokenProps {
  readonly provider: TokenProvider;
  readonly onSignedIn: () => void;
}

/** Says whose token the page needs, how it can be had, and takes it. */
export function HandToken({ provider, onSignedIn }: HandTokenProps) {
  const { token: texts } = useTexts();
  const attempt = async (form: FormData) => {
    const token = String(form.get('token')).trim();
    const refusal = await provider.take(token.replace(/^Bearer\s+/i, ''));
    // Only the server knows what is wrong with it.
    return refusal && texts.refused(refusal.detail);
  };
  const other = (
    <p>
      <Filled text={texts.proxy} parts={{ header: <code>Authorization: Bearer …</code> }} />
    </p>
  );
  return (
    <SignInForm
      title={texts.title}
      action={texts.action}
      attempt={attempt}
      onSignedIn={onSignedIn}
      below={other}
    >
      <p>
        <Filled text={texts.where} parts={{ issuer: <strong>{provider.issuer}</strong> }} />
      </p>
      <label>
        {texts.label}
        <input
          name="token"
          type="password"
          autoComplete="off"
          pattern="\s*([Bb]earer\s+)?[\w\-]+\.[\w\-]+\.[\w\-]+\s*"
          title={texts.form}
          required
        />
      </label>
    </SignInForm>
  );
}
