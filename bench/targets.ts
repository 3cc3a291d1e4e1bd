import { type Figures, short, type Table } from './measure.ts';

/** A promise of speed, and what says whether it is kept. All are ratios within one run, or counts. */
interface Target {
  readonly text: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Undefined: not measured in this run. */
  readonly measure: (figures: Figures) => Measured | undefined;
  readonly unit: string;
}

interface Measured {
  readonly value: number;
  /** Which row it is from. */
  readonly row?: string;
}

const PEERS = 'mastra|langgraph|vercel|select-insert';
const ONE_COLUMN = 'read-modify-write|concatenation';

const ratio = (key: string, base: string) => (figures: Figures) => {
  const value = figures.ratio(key, base);
  return value === undefined ? undefined : { value };
};

const value = (key: string) => (figures: Figures) => {
  const figure = figures.get(key);
  return figure === undefined ? undefined : { value: figure.median };
};

/** How many times longer others take, in the row where they come nearest. */
const nearest = (rows: RegExp) => (figures: Figures) =>
  smallest(figures, rows, (key) => figures.ratio(key, ofQuestlog(key)));

/** How many times more Questlog does in a second, in the row where others come nearest. */
const nearestRate = (rows: RegExp) => (figures: Figures) =>
  smallest(figures, rows, (key) => figures.ratio(ofQuestlog(key), key));

function ofQuestlog(key: string): string {
  return key.replace(/[^/]+$/, 'questlog');
}

function smallest(figures: Figures, rows: RegExp, measure: (key: string) => number | undefined) {
  const found = figures
    .keys()
    .filter((key) => rows.test(key))
    .flatMap((row) => {
      const times = measure(row);
      return times === undefined ? [] : [{ value: times, row }];
    });
  return found.toSorted((a, b) => a.value - b.value)[0];
}

/** What Questlog adds to a run of the SDK, in appends. */
function shareOfRun(figures: Figures): Measured | undefined {
  const [whole, alone, append] = ['http/run/1/questlog/p50', 'http/run/1/query/p50', 'http/append'].map(
    (key) => figures.get(key)?.median,
  );
  if (whole === undefined || alone === undefined || append === undefined) return undefined;
  return { value: (whole - alone) / append, row: `the whole run: ${short(whole / append)} ×` };
}

function addedDelay(figures: Figures): Measured | undefined {
  const [ours, bare] = ['questlog', 'bare'].map((who) => figures.get(`streams/100/${who}/first`)?.median);
  return ours === undefined || bare === undefined ? undefined : { value: ours - bare };
}

/** How many times longer a small request takes than its bare query, in the row where that is most. */
function smallRequest(figures: Figures): Measured | undefined {
  const rows = ['create', 'list-1,000', 'get-10'].flatMap((row) => {
    const value = figures.ratio(`http/${row}/10/query/rate`, `http/${row}/10/questlog/rate`);
    return value === undefined ? [] : [{ value, row }];
  });
  return rows.toSorted((a, b) => b.value - a.value)[0];
}

function addedToToken(figures: Figures): Measured | undefined {
  const [ours, bare] = ['questlog', 'bare'].map((who) => figures.get(`streams/token/${who}/cpu`)?.median);
  return ours === undefined || bare === undefined ? undefined : { value: ours - bare };
}

/** The list of issue "Fast, and shown to be". */
const TARGETS: readonly Target[] = [
  {
    text: 'append at 1,000 items, beside the raw driver’s single statement',
    atMost: 1.15,
    unit: '×',
    measure: ratio('session/append/1000/questlog', 'session/append/1000/raw'),
  },
  {
    text: 'load all of 1,000 items, beside the raw driver’s single statement',
    atMost: 1.15,
    unit: '×',
    measure: ratio('session/load/1000/questlog', 'session/load/1000/raw'),
  },
  {
    text: 'append at 10,000 items, beside append at 10',
    atMost: 1.1,
    unit: '×',
    measure: ratio('session/append/10000/questlog', 'session/append/10/questlog'),
  },
  {
    text: 'WAL of a turn at 10,000 items, beside that at 10',
    atMost: 1.1,
    unit: '×',
    measure: ratio('throughput/wal/10000/questlog', 'throughput/wal/10/questlog'),
  },
  {
    text: 'every peer in every row of the session (its time beside Questlog’s; the nearest)',
    atLeast: 1,
    unit: '×',
    measure: nearest(new RegExp(`^session/.*/(${PEERS})$`)),
  },
  {
    text: 'every peer in every row of the throughput (Questlog’s rate beside its; the nearest)',
    atLeast: 1,
    unit: '×',
    measure: nearestRate(new RegExp(`^throughput/(many|one)/\\d+/(${PEERS})$`)),
  },
  {
    text: 'Mastra’s append (the nearest size)',
    atLeast: 2,
    unit: '×',
    measure: nearest(/^session\/append\/.*\/mastra$/),
  },
  {
    text: 'Mastra’s load of 1,000 items',
    atLeast: 25,
    unit: '×',
    measure: ratio('session/load/1000/mastra', 'session/load/1000/questlog'),
  },
  {
    text: 'LangGraph’s append and load from 100 items (the nearest)',
    atLeast: 20,
    unit: '×',
    measure: nearest(/^session\/(append|load)\/(100|1000|10000)\/langgraph$/),
  },
  {
    text: 'append to one JSONB column at 10,000 items (the nearer of both ways)',
    atLeast: 30,
    unit: '×',
    measure: nearest(new RegExp(`^session/append/10000/(${ONE_COLUMN})$`)),
  },
  {
    text: '`GET /chats/{id}` with 1,000 items, beside the bare route with the same query',
    atLeast: 0.8,
    unit: '× its req/s',
    measure: ratio('http/get-1,000/10/questlog/rate', 'http/get-1,000/10/query/rate'),
  },
  {
    text: '`GET /chats` of 100,000 chats, beside that of 1,000',
    atMost: 1.5,
    unit: '×',
    measure: ratio('http/list-100,000/1/questlog/p50', 'http/list-1,000/1/questlog/p50'),
  },
  {
    text: 'a small request of ten connections, beside the bare route with one query',
    atMost: 1.5,
    unit: '×',
    measure: smallRequest,
  },
  {
    text: 'database round trips of `GET /chats/{id}` of a short chat',
    atMost: 1,
    unit: '',
    measure: value('http/get-10/10/questlog/statements'),
  },
  {
    text: 'database round trips of a run on a new chat (one more on a chat with a history)',
    atMost: 5,
    unit: '',
    measure: value('http/run/1/questlog/statements'),
  },
  { text: 'Questlog’s share of a run, in appends', atMost: 8, unit: '×', measure: shareOfRun },
  {
    text: 'first-token delay added at 100 streams',
    atMost: 25,
    unit: 'ms',
    measure: addedDelay,
  },
  {
    text: 'processor time that Questlog adds to a streamed token',
    atMost: 40,
    unit: 'µs',
    measure: addedToToken,
  },
  {
    text: 'start of the server on PGlite, as it was left, until its first run has answered',
    atMost: 2_500,
    unit: 'ms',
    measure: value('start/pglite-again/answers'),
  },
  {
    text: 'append on PGlite, beside PostgreSQL',
    atMost: 3,
    unit: '×',
    measure: ratio('growth/append/1000/pglite', 'growth/append/1000/few'),
  },
  {
    text: 'errors of 1,000 concurrent streams on one process',
    atMost: 0,
    unit: '',
    measure: value('streams/1000/questlog/errors'),
  },
  {
    text: 'heap after the load, beside that after warm-up',
    atMost: 1.1,
    unit: '×',
    measure: ratio('memory/5/heap', 'memory/1/heap'),
  },
];

/** Which of the targets that this run measured are reached. */
export function checkTargets(figures: Figures): Table {
  const rows = TARGETS.flatMap(({ text, atMost, atLeast, unit, measure }) => {
    const measured = measure(figures);
    if (measured === undefined) return [];
    const reached = measured.value <= (atMost ?? Infinity) && measured.value >= (atLeast ?? -Infinity);
    const limit = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
    const row = measured.row === undefined ? '' : ` (${measured.row})`;
    return [
      [
        text,
        `${limit} ${unit}`,
        `${short(measured.value)} ${unit}${row}`,
        reached ? 'reached' : '**not reached**',
      ],
    ];
  });
  return { title: 'Targets', columns: ['what', 'target', 'measured', ''], rows };
}
