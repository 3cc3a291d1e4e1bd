import { useState } from 'react';
import { useDataTexts } from '../../texts/data-texts.ts';
import { useWorkspace } from '../../workspace.ts';
import { TaskFailure } from '../task-failure.tsx';
import { useTask } from '../use-task.ts';
import { type ExportForm, type ExportProgress, exportEverything } from './export-everything.ts';

const FORMS: readonly ExportForm[] = ['jsonl', 'markdown'];

/** Saves all chats as a file. */
export function ExportSection() {
  const { client } = useWorkspace();
  const { exporting: words, stop, stopped } = useDataTexts();
  const [form, setForm] = useState<ExportForm>('jsonl');
  const { state, ...task } = useTask<ExportProgress, ExportProgress>();
  const start = () => task.start((signal, onProgress) => exportEverything(client, form, signal, onProgress));
  const isBusy = state.phase === 'busy';
  return (
    <section aria-label={words.title}>
      <h3>{words.title}</h3>
      <p className="hint">{words.what}</p>
      <div className="line">
        <label>
          {words.form}
          <select
            value={form}
            disabled={isBusy}
            onChange={(event) => setForm(event.currentTarget.value as ExportForm)}
          >
            {FORMS.map((name) => (
              <option key={name} value={name}>
                {words.forms[name]}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="button" onClick={isBusy ? task.stop : start}>
          {isBusy ? stop : words.start}
        </button>
      </div>
      {isBusy && <Bar progress={state.progress} label={words.title} />}
      <p role="status" className="hint">
        {isBusy &&
          state.progress &&
          words.going(state.progress.chats, state.progress.total, state.progress.bytes)}
        {state.phase === 'stopped' && stopped}
        {state.phase === 'done' && words.done(state.result.chats, state.result.bytes)}
        {state.phase === 'done' && state.result.leftOut > 0 && ` ${words.leftOut(state.result.leftOut)}`}
      </p>
      {state.phase === 'failed' && <TaskFailure failure={state.failure} onAgain={start} />}
    </section>
  );
}

interface BarProps {
  readonly progress: ExportProgress | undefined;
  readonly label: string;
}

function Bar({ progress, label }: BarProps) {
  return <progress aria-label={label} max={progress?.total || 1} value={progress?.chats} />;
}
