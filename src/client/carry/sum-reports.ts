import type { ImportReport } from '../../wire/carry/carry.ts';

/** Of an import of nothing. */
export const NO_REPORT: ImportReport = {
  imported: 0,
  items: 0,
  already_there: 0,
  skipped: [],
  skipped_count: 0,
  changed: [],
  changed_count: 0,
  complete: true,
  dry_run: false,
};

/** The report of two imports together. */
export function sum(one: ImportReport, other: ImportReport): ImportReport {
  return {
    imported: one.imported + other.imported,
    items: one.items + other.items,
    already_there: one.already_there + other.already_there,
    skipped: [...one.skipped, ...other.skipped],
    skipped_count: one.skipped_count + other.skipped_count,
    changed: [...one.changed, ...other.changed],
    changed_count: one.changed_count + other.changed_count,
    complete: one.complete && other.complete,
    dry_run: one.dry_run,
  };
}
