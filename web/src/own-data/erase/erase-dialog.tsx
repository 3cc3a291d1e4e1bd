import { useEffect, useId, useState } from 'react';
import { pathOf } from '../../config.ts';
import { useDataTexts } from '../../texts/data-texts.ts';
import { Filled } from '../../texts/filled.tsx';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useWorkspace } from '../../workspace.ts';
import { ExportSection } from '../export/export-section.tsx';
import { TaskFailure } from '../task-failure.tsx';
import { useTask } from '../use-task.ts';
import { eraseEverything, forgetHere } from './erase-everything.ts';

/** Says what goes, and asks for a word before it does. */
export function EraseDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, tabs } = useWorkspace();
  const { common } = useTexts();
  const { erasing: words } = useDataTexts();
  const [count, setCount] = useState(0);
  const [typed, setTyped] = useState('');
  const { state, start } = useTask<never, void>();
  const wordId = useId();
  useEffect(() => {
    const left = new AbortController();
    client.listChats({ state: 'all', limit: 1, signal: left.signal }).then(
      ({ total }) => setCount(total),
      () => undefined,
    );
    return () => left.abort();
  }, [client]);
  const erase = () =>
    start(async (closed) => {
      await eraseEverything(client, tabs);
      if (closed.aborted) await beginAnew();
    });
  const isSure = typed.trim().toLowerCase() === words.word;
  if (state.phase === 'done') return <Gone />;
  return (
    <Dialog title={words.title} onClose={onClose}>
      <div className="data">
        <p>{words.what}</p>
        <p>{words.goes}</p>
        <ul className="loses">
          {[words.loses(count), ...words.losesRest].map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <p>{words.first}</p>
        <ExportSection />
        {state.phase === 'failed' && <TaskFailure failure={state.failure} onAgain={erase} />}
        <label htmlFor={wordId}>
          <Filled text={words.type} parts={{ word: <strong>{words.word}</strong> }} />
        </label>
        <input
          id={wordId}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          dir="auto"
          value={typed}
          disabled={state.phase === 'busy'}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <p role="status" className="hint">
          {state.phase === 'busy' && words.going}
        </p>
      </div>
      <form
        method="dialog"
        onSubmit={(event) => {
          const isErasing = (event.nativeEvent as SubmitEvent).submitter?.dataset.erases !== undefined;
          if (!isErasing) return;
          event.preventDefault();
          if (isSure && state.phase !== 'busy') erase();
        }}
      >
        <button type="submit" className="button">
          {common.cancel}
        </button>
        <button
          type="submit"
          className="button danger"
          data-erases
          aria-disabled={!isSure || state.phase === 'busy'}
        >
          {words.action}
        </button>
      </form>
    </Dialog>
  );
}

/** The page that is behind it knows what is not there any more: it begins anew. */
function Gone() {
  const { erasing: words } = useDataTexts();
  return (
    <Dialog title={words.done} onClose={() => void beginAnew()}>
      <form method="dialog">
        <button type="submit" className="button primary">
          {words.anew}
        </button>
      </form>
    </Dialog>
  );
}

async function beginAnew(): Promise<void> {
  await forgetHere();
  location.replace(pathOf('/'));
}
