import { useEffect, useState } from 'react';
import { type Failure, failureOf } from '../failure.ts';
import { useDataTexts } from '../texts/data-texts.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import { useWorkspace } from '../workspace.ts';
import { TaskFailure } from './task-failure.tsx';

/** In days; 0: never. */
const CHOICES = [0, 7, 30, 90, 180, 365, 1_095];

/** After how many days without activity the person's chats are removed. */
export function RetentionSection() {
  const { client } = useWorkspace();
  const { common } = useTexts();
  const { retention: words } = useDataTexts();
  const [kept, setKept] = useState<number>();
  const [days, setDays] = useState(0);
  const [before, setBefore] = useState<number>();
  const [failed, setFailed] = useState<{ readonly failure: Failure; readonly again: () => void }>();
  const read = () => {
    setFailed(undefined);
    client.user.getRetention().then(
      ({ inactive_days }) => {
        setKept(inactive_days ?? 0);
        setDays(inactive_days ?? 0);
      },
      (error: unknown) => setFailed({ failure: failureOf(error), again: read }),
    );
  };
  const save = (next: number) => {
    setFailed(undefined);
    // Not when it is saved: the person may have chosen another by then.
    setDays(next);
    client.user.setRetention({ inactive_days: next || null }).then(
      () => {
        setBefore(kept);
        setKept(next);
      },
      (error: unknown) => setFailed({ failure: failureOf(error), again: () => save(next) }),
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once.
  useEffect(read, []);
  const choices = [...new Set([...CHOICES, days, kept ?? 0])].sort((one, other) => one - other);
  const isSaved = kept === days;
  return (
    <section aria-label={words.title}>
      <h3>{words.title}</h3>
      <div className="line">
        <label>
          {words.label}
          <select
            value={days}
            disabled={kept === undefined}
            onChange={(event) => {
              setBefore(undefined);
              setDays(Number(event.currentTarget.value));
            }}
          >
            {choices.map((count) => (
              <option key={count} value={count}>
                {count === 0 ? words.never : words.days(count)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className="button"
          aria-disabled={isSaved || kept === undefined}
          onClick={() => !isSaved && save(days)}
        >
          {words.save}
        </button>
      </div>
      <p role="status" className="hint">
        {!isSaved && kept !== undefined && days > 0 && words.warning(days)}
        {isSaved && before !== undefined && words.saved}{' '}
        {isSaved && before !== undefined && (
          <button type="button" className="link" onClick={() => save(before)}>
            {common.undo}
          </button>
        )}
      </p>
      <p className="hint">{words.stays}</p>
      {failed !== undefined && <TaskFailure failure={failed.failure} onAgain={failed.again} />}
    </section>
  );
}
