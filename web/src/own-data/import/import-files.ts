import { ApiError, type ImportReport, type QuestlogClient } from 'questlog/client';
import { type FileFault, readChatFile } from './read-file.ts';

/** What is wrong with a file. */
export interface FileProblem {
  readonly name: string;
  readonly fault: FileFault | 'cut_off' | 'refused';
  /** In the server's words. */
  readonly why?: string;
}

/** What several files have. */
export interface FilesReport
  extends Pick<
    ImportReport,
    'imported' | 'items' | 'already_there' | 'skipped' | 'skipped_count' | 'changed' | 'changed_count'
  > {
  readonly problems: readonly FileProblem[];
}

interface ImportOptions {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (report: FilesReport) => void;
}

const NOTHING: FilesReport = {
  imported: 0,
  items: 0,
  already_there: 0,
  skipped: [],
  skipped_count: 0,
  changed: [],
  changed_count: 0,
  problems: [],
};

/** So many lines are kept of each list. */
const MAX_LINES = 1_000;

/** Imports files one after the other, or says what that would do. A file that cannot be read keeps no other one back. */
export async function importFiles(
  client: QuestlogClient,
  files: readonly File[],
  { dryRun, signal, onProgress }: ImportOptions,
): Promise<FilesReport> {
  let report = NOTHING;
  for (const file of files) {
    const before = report;
    const read = await readChatFile(file);
    signal.throwIfAborted();
    if ('fault' in read) {
      report = withProblem(before, { name: file.name, fault: read.fault });
      continue;
    }
    try {
      const onPart = (part: ImportReport) => {
        report = add(before, part);
        onProgress(report);
      };
      const whole = await client.importChats(read.text, { dryRun, signal, onProgress: onPart });
      report = add(before, whole);
      if (!whole.complete) report = withProblem(report, { name: file.name, fault: 'cut_off' });
    } catch (error) {
      report = withProblem(report, problemOf(file, error));
    }
  }
  onProgress(report);
  return report;
}

/** @throws what is wrong with no file. */
function problemOf({ name }: File, error: unknown): FileProblem {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === 'unexpected_reply' && error.status === 0) return { name, fault: 'unknown' };
  // The server has understood the request and refuses what is in it: other files may be right.
  if (error.status !== 400 && error.status !== 413) throw error;
  return { name, fault: 'refused', why: error.code === 'payload_too_large' ? error.code : error.message };
}

function withProblem(report: FilesReport, problem: FileProblem): FilesReport {
  return { ...report, problems: [...report.problems, problem] };
}

function add(one: FilesReport, other: ImportReport): FilesReport {
  return {
    imported: one.imported + other.imported,
    items: one.items + other.items,
    already_there: one.already_there + other.already_there,
    skipped: [...one.skipped, ...other.skipped].slice(0, MAX_LINES),
    skipped_count: one.skipped_count + other.skipped_count,
    changed: [...one.changed, ...other.changed].slice(0, MAX_LINES),
    changed_count: one.changed_count + other.changed_count,
    problems: one.problems,
  };
}

/** How many chats of the files have had their turn. */
export function countOf({
  imported,
  already_there,
  skipped_count,
}: Pick<FilesReport, 'imported' | 'already_there' | 'skipped_count'>): number {
  return imported + already_there + skipped_count;
}
