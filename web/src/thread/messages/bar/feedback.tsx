import { type FormEvent, useState } from 'react';
import { useTexts } from '../../../texts/texts-provider.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import type { Rated } from '../../store/message.ts';
import { useThread } from '../../thread-context.ts';

const MAX_COMMENT_LENGTH = 1_000;

/** Thumbs for an answer, and why in a few words; the same thumb once more takes it back. */
export function Feedback({ position, feedback }: Rated) {
  const thread = useThread();
  const texts = useTexts().feedback;
  const [isAsking, setAsking] = useState(false);
  const press = (rating: 'up' | 'down') => {
    const next = feedback?.rating === rating ? null : rating;
    setAsking(next !== null);
    void thread.rate(position, { rating: next });
  };
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const comment = String(new FormData(event.currentTarget).get('comment')).trim() || null;
    setAsking(false);
    if (feedback) void thread.rate(position, { ...feedback, comment });
  };
  return (
    <>
      <IconButton
        icon="thumbUp"
        label={texts.up}
        aria-pressed={feedback?.rating === 'up'}
        onClick={() => press('up')}
      />
      <IconButton
        icon="thumbDown"
        label={texts.down}
        aria-pressed={feedback?.rating === 'down'}
        onClick={() => press('down')}
      />
      {isAsking && feedback !== null && (
        <form className="feedback" onSubmit={save}>
          <input
            name="comment"
            dir="auto"
            aria-label={texts.why}
            placeholder={texts.why}
            maxLength={MAX_COMMENT_LENGTH}
            defaultValue={feedback.comment ?? ''}
            onKeyDown={({ key }) => key === 'Escape' && setAsking(false)}
          />
          <button type="submit" className="button">
            {texts.save}
          </button>
        </form>
      )}
      {!isAsking && feedback?.comment && (
        <button
          type="button"
          className="link comment"
          dir="auto"
          title={texts.edit}
          onClick={() => setAsking(true)}
        >
          {feedback.comment}
        </button>
      )}
    </>
  );
}
