import { useEffect, useState } from 'react';
import type { Elsewhere, PasswordProvider } from './auth-provider.ts';
import { SignInForm } from './sign-in-form.tsx';

interface SignInProps {
  readonly provider: PasswordProvider;
  readonly onSignedIn: () => void;
}

export function SignIn({ provider, onSignedIn }: SignInProps) {
  const [isNew, setNew] = useState(false);
  const [elsewhere, setElsewhere] = useState<readonly Elsewhere[]>([]);
  useEffect(() => {
    provider.elsewhere().then(setElsewhere, () => undefined);
  }, [provider]);
  const attempt = (form: FormData) => {
    const [email, password] = [String(form.get('email')), String(form.get('password'))];
    return isNew ? provider.signUp(email, password) : provider.signIn(email, password);
  };
  const others = (
    <>
      {elsewhere.map(({ name, go }) => (
        <button key={name} type="button" className="button" onClick={() => void go()}>
          Go on with {name}
        </button>
      ))}
      <button type="button" className="link" onClick={() => setNew(!isNew)}>
        {isNew ? 'I have an account' : 'I am new here'}
      </button>
    </>
  );
  return (
    <SignInForm
      title={isNew ? 'Create an account' : 'Sign in to Questlog'}
      action={isNew ? 'Create the account' : 'Sign in'}
      attempt={attempt}
      onSignedIn={onSignedIn}
      below={others}
    >
      <label>
        E-mail
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password
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
