import { useDataTexts } from '../../texts/data-texts.ts';
import type { DataTexts } from '../../texts/en/data.ts';
import type { FileProblem, FilesReport } from './import-files.ts';

/** Of each list so many lines are shown. */
const SHOWN_LINES = 50;

interface ReportProps {
  readonly report: FilesReport;
  /** False: it says what would come. */
  readonly isDone: boolean;
}

/** What comes, what stays away and why. */
export function Report({ report, isDone }: ReportProps) {
  const texts = useDataTexts();
  const words = texts.importing;
  const { imported, items, already_there, skipped, skipped_count, changed, changed_count, problems } = report;
  const comes = isDone ? words.came : words.will;
  return (
    <div className="report">
      <p role="status">
        {imported > 0 || isDone ? comes(imported, items) : words.nothing}
        {already_there > 0 && ` ${words.known(already_there)}`}
      </p>
      {problems.length > 0 && (
        <div role="alert">
          {problems.map((problem) => (
            <p key={problem.name + problem.fault} dir="auto">
              {sayProblem(texts, problem)}
            </p>
          ))}
        </div>
      )}
      <Lines
        title={words.skipped(skipped_count)}
        count={skipped_count}
        lines={skipped.map(({ id, why }) => (id === null ? why : `${id}: ${why}`))}
      />
      <Lines
        title={words.changed(changed_count)}
        count={changed_count}
        lines={changed.map(({ id, what }) => `${id}: ${what}`)}
      />
    </div>
  );
}

interface LinesProps {
  readonly title: string;
  readonly count: number;
  readonly lines: readonly string[];
}

/** In the server's words, which are English. */
function Lines({ title, count, lines }: LinesProps) {
  const { importing } = useDataTexts();
  if (count === 0) return null;
  const shown = lines.slice(0, SHOWN_LINES);
  return (
    <details>
      <summary>{title}</summary>
      <ul>
        {shown.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same may be said of two chats, and the lines stay.
          <li key={index} lang="en" dir="auto">
            {line}
          </li>
        ))}
        {count > shown.length && <li>{importing.more(count - shown.length)}</li>}
      </ul>
    </details>
  );
}

function sayProblem({ importing, failures }: DataTexts, { name, fault, why = '' }: FileProblem): string {
  switch (fault) {
    case 'cut_off':
      return importing.cutOff(name);
    case 'refused':
      return importing.refused(name, why === 'payload_too_large' ? failures.payload_too_large : why);
    default:
      return importing[fault](name);
  }
}
