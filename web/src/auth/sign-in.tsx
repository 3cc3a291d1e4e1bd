import { useEffect, useState } from 'react';
import { sayFailure } from '../texts/say-failure.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import type { Elsewhere, PasswordProvider } from './auth-provider.ts';
import { SignInForm } from './sign-in-form.tsx';

interface SignInProps {
  readonly provider: PasswordProvider;
  readonly onSignedIn: () => void;
}

export function SignIn({ provider, onSignedIn }: SignInProps) {
  const texts = useTexts();
  const { signIn } = texts;
  const [isNew, setNew] = useState(false);
  const [elsewhere, setElsewhere] = useState<readonly Elsewhere[]>([]);
  useEffect(() => {
    provider.elsewhere().then(setElsewhere, () => undefined);
  }, [provider]);
  const attempt = async (form: FormData) => {
    const [email, password] = [String(form.get('email')), String(form.get('password'))];
    const refusal = await (isNew ? provider.signUp(email, password) : provider.signIn(email, password));
    return refusal && sayFailure(texts, refusal);
  };
  const others = (
    <>
      {elsewhere.map(({ name, go }) => (
        <button key={name} type="button" className="button" onClick={() => void go()}>
          {signIn.elsewhere(name)}
        </button>
      ))}
      <button type="button" className="link" onClick={() => setNew(!isNew)}>
        {isNew ? signIn.toKnown : signIn.toNew}
      </button>
    </>
  );
  return (
    <SignInForm
      title={isNew ? signIn.newTitle : signIn.title}
      action={isNew ? signIn.newAction : signIn.action}
      attempt={attempt}
      onSignedIn={onSignedIn}
      below={others}
    >
      <label>
        {signIn.email}
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        {signIn.password}
        <input
          name="password"
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          minLength={isNew ? 8 : undefined}
          required
        />
      </label>
    </SignInForm>
  );
}
