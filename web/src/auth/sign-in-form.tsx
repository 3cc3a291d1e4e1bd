import { type FormEvent, type ReactNode, useState } from 'react';
import { useTexts } from '../texts/texts-provider.tsx';
import favicon from '../ui/favicon.svg';

interface SignInFormProps {
  readonly title: string;
  /** What the button says. */
  readonly action: string;
  /** @returns what was wrong, for the person; undefined when they are signed in. */
  readonly attempt: (form: FormData) => Promise<string | undefined>;
  readonly onSignedIn: () => void;
  /** The fields. */
  readonly children: ReactNode;
  /** What else there is to do. */
  readonly below?: ReactNode;
}

export function SignInForm({ title, action, attempt, onSignedIn, children, below }: SignInFormProps) {
  const { common, signIn } = useTexts();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    try {
      const wrong = await attempt(form);
      if (wrong === undefined) onSignedIn();
      else setProblem(wrong);
    } catch {
      setProblem(signIn.unreachableForNow);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <img src={favicon} alt="" width="48" height="48" />
        <h1>{title}</h1>
        {children}
        {problem !== undefined && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="button primary" disabled={isBusy}>
          {isBusy ? common.loading : action}
        </button>
        {below}
      </form>
    </main>
  );
}
