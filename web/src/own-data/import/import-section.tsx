import { useRef, useState } from 'react';
import { useDataTexts } from '../../texts/data-texts.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { useWorkspace } from '../../workspace.ts';
import { TaskFailure } from '../task-failure.tsx';
import { useTask } from '../use-task.ts';
import { countOf, type FilesReport, importFiles } from './import-files.ts';
import { Report } from './report.tsx';

/** Takes chats from files: first it says what would come. */
export function ImportSection() {
  const { client, chats, archived, tabs } = useWorkspace();
  const { common } = useTexts();
  const { importing: words, stop, stopped } = useDataTexts();
  const looking = useTask<FilesReport, FilesReport>();
  const coming = useTask<FilesReport, FilesReport>();
  const [files, setFiles] = useState<readonly File[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isBusy = [looking, coming].some(({ state }) => state.phase === 'busy');
  const look = (chosen: readonly File[]) => {
    setFiles(chosen);
    coming.reset();
    looking.start((signal, onProgress) => importFiles(client, chosen, { dryRun: true, signal, onProgress }));
  };
  const bring = () => {
    // What has the focus goes away.
    button.current?.focus();
    coming.start(async (signal, onProgress) => {
      try {
        return await importFiles(client, files, { dryRun: false, signal, onProgress });
      } finally {
        // Also what came before it failed or was stopped.
        tabs.announce({});
        void chats.refresh();
        void archived.refresh();
      }
    });
  };
  const found = looking.state.phase === 'done' ? looking.state.result : undefined;
  const failed = [coming, looking].find(({ state }) => state.phase === 'failed')?.state;
  return (
    <section aria-label={words.title}>
      <h3>{words.title}</h3>
      <p className="hint">{words.what}</p>
      <input
        ref={input}
        type="file"
        accept=".json,.jsonl,.ndjson,.txt,application/json,application/x-ndjson"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          const chosen = [...(currentTarget.files ?? [])];
          // The same file can be picked again.
          currentTarget.value = '';
          if (chosen.length > 0) look(chosen);
        }}
      />
      <div className="line">
        <button
          ref={button}
          type="button"
          className="button"
          onClick={() => {
            if (!isBusy) return input.current?.click();
            looking.stop();
            coming.stop();
          }}
        >
          {isBusy ? stop : words.choose}
        </button>
        {found !== undefined && found.imported > 0 && coming.state.phase === 'idle' && (
          <>
            <button type="button" className="button primary" onClick={bring}>
              {words.start(found.imported)}
            </button>
            <button type="button" className="button" onClick={looking.reset}>
              {common.cancel}
            </button>
          </>
        )}
      </div>
      {isBusy && (
        <progress
          aria-label={words.title}
          max={found === undefined ? 1 : countOf(found)}
          value={coming.state.phase === 'busy' ? countOf(coming.state.progress ?? NONE) : undefined}
        />
      )}
      <p role="status" className="hint">
        {looking.state.phase === 'busy' && words.looking(countOf(looking.state.progress ?? NONE))}
        {coming.state.phase === 'busy' &&
          words.going(countOf(coming.state.progress ?? NONE), found === undefined ? 0 : countOf(found))}
        {[looking, coming].some(({ state }) => state.phase === 'stopped') && stopped}
      </p>
      {found !== undefined && coming.state.phase === 'idle' && <Report report={found} isDone={false} />}
      {coming.state.phase === 'done' && <Report report={coming.state.result} isDone />}
      {failed?.phase === 'failed' && (
        <>
          {failed === coming.state && failed.progress && <Report report={failed.progress} isDone />}
          <TaskFailure
            failure={failed.failure}
            onAgain={() => (failed === coming.state ? bring() : look(files))}
          />
        </>
      )}
    </section>
  );
}

const NONE = { imported: 0, already_there: 0, skipped_count: 0 };
