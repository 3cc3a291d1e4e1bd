import type { Failure } from '../failure.ts';
import { useDataTexts } from '../texts/data-texts.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import { sayDataFailure } from './say-data-failure.ts';

interface TaskFailureProps {
  readonly failure: Failure;
  readonly onAgain: () => void;
}

/** What went wrong, and a way to try again. */
export function TaskFailure({ failure, onAgain }: TaskFailureProps) {
  const texts = useTexts();
  const words = useDataTexts();
  return (
    <div className="problem" role="alert">
      <p>{sayDataFailure(texts, words, failure)}</p>
      <button type="button" className="button" onClick={onAgain}>
        {texts.common.tryAgain}
      </button>
    </div>
  );
}
