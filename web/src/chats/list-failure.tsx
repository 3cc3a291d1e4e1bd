import type { Failure } from '../failure.ts';
import { sayFailure } from '../texts/say-failure.ts';
import { useTexts } from '../texts/texts-provider.tsx';

interface ListFailureProps {
  readonly error: Failure | undefined;
  readonly onAgain: () => void;
}

/** In place of what could not be fetched. */
export function ListFailure({ error, onAgain }: ListFailureProps) {
  const texts = useTexts();
  return (
    <div className="list-note" role="alert">
      <p>{error && sayFailure(texts, error)}</p>
      <button type="button" className="button" onClick={onAgain}>
        {texts.common.tryAgain}
      </button>
    </div>
  );
}
