import { type FormEvent, useEffect, useState } from 'react';
import favicon from '../ui/favicon.svg';
import type { AuthProvider, Elsewhere } from './auth-provider.ts';

interface SignInProps {
  readonly provider: AuthProvider;
  readonly onSignedIn: () => void;
}

export function SignIn({ provider, onSignedIn }: SignInProps) {
  const [isNew, setNew] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [elsewhere, setElsewhere] = useState<readonly Elsewhere[]>([]);
  useEffect(() => {
    provider.elsewhere().then(setElsewhere, () => undefined);
  }, [provider]);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [email, password] = [String(form.get('email')), String(form.get('password'))];
    setBusy(true);
    setProblem(undefined);
    try {
      const wrong = await (isNew ? provider.signUp(email, password) : provider.signIn(email, password));
      if (wrong === undefined) onSignedIn();
      else setProblem(wrong);
    } catch {
      setProblem('The sign-in service cannot be reached. Try again in a moment.');
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <img src={favicon} alt="" width="48" height="48" />
        <h1>{isNew ? 'Create an account' : 'Sign in to Questlog'}</h1>
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
        {problem !== undefined && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="button primary" disabled={isBusy}>
          {isBusy ? 'One moment…' : isNew ? 'Create the account' : 'Sign in'}
        </button>
        {elsewhere.map(({ name, go }) => (
          <button key={name} type="button" className="button" onClick={() => void go()}>
            Go on with {name}
          </button>
        ))}
        <button type="button" className="link" onClick={() => setNew(!isNew)}>
          {isNew ? 'I have an account' : 'I am new here'}
        </button>
      </form>
    </main>
  );
}
