import { openLangGraph } from './langgraph.ts';
import { openMastra } from './mastra.ts';
import { openConcatenation, openReadModifyWrite } from './one-column.ts';
import { openQuestlog } from './questlog.ts';
import { openRaw, openRawOnQuestlog } from './raw.ts';
import { openSelectInsert } from './select-insert.ts';
import type { OpenStore } from './store.ts';
import { openVercel } from './vercel.ts';

export interface Contestant {
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly open: OpenStore;
  /** Needs the packages of bench/package.json. */
  readonly isPeer?: boolean;
  /** Why it has no such operation. */
  readonly cannot?: Readonly<Record<string, string>>;
}

/** Questlog and everything that keeps the same conversations beside it. */
export const CONTESTANTS: readonly Contestant[] = [
  { name: 'questlog', label: 'Questlog `DatabaseSession`', open: openQuestlog },
  { name: 'raw', label: 'raw `pg`, one named statement', open: openRaw },
  { name: 'raw-on-questlog', label: 'the same on Questlog’s tables', open: openRawOnQuestlog },
  { name: 'read-modify-write', label: 'one JSONB column, read-modify-write', open: openReadModifyWrite },
  { name: 'concatenation', label: 'one JSONB column, `||`', open: openConcatenation },
  { name: 'mastra', label: '`@mastra/memory` on `@mastra/pg`', open: openMastra, isPeer: true },
  {
    name: 'langgraph',
    label: 'LangGraph on its PostgreSQL checkpointer',
    open: openLangGraph,
    isPeer: true,
    cannot: { last: 'reads all', 'one-chat': 'loses turns' },
  },
  {
    name: 'vercel',
    label: 'tables of the Vercel chatbot',
    open: openVercel,
    cannot: { last: 'reads all', pop: 'removes by time' },
  },
  { name: 'select-insert', label: 'select, insert, insert, update', open: openSelectInsert },
];
