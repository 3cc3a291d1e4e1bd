import type { Item, PlacedItem, Point, RunResponse } from 'questlog/client';
import type { Outgoing } from '../../outbox/outgoing.ts';
import { answered, filesIn, handoffOf, isMessage, isResult, partsOf } from './item-parts.ts';
import type { LiveRun } from './live-run.ts';
import type { ChatMessage, Part, ToolPart } from './message.ts';

/** Everything that a conversation is made of. */
export interface ThreadContent {
  /** Stored items, oldest first. */
  readonly items: readonly PlacedItem[];
  /** Where they have gone on in more than one way. */
  readonly points: readonly Point[];
  readonly runs: ReadonlyMap<string, RunResponse>;
  readonly live: LiveRun | undefined;
  /** What the server does not have, or has had too recently to be among the items. */
  readonly outgoing: readonly Outgoing[];
}

interface Group {
  readonly point?: Point | undefined;
  readonly role: ChatMessage['role'];
  readonly runId: string | null;
  readonly placed: readonly PlacedItem[];
}

/** Messages by their first item: one that has not changed is the same object again, and is not drawn anew. */
export type MessageCache = WeakMap<
  PlacedItem,
  { readonly group: Group; readonly key: string; readonly message: ChatMessage }
>;

/** The conversation as messages: a person's one by one, the agent's one a run. */
export function toMessages(
  { items, points, runs, live, outgoing }: ThreadContent,
  cache: MessageCache = new WeakMap(),
): ChatMessage[] {
  // What the server refuses replaces nothing.
  const replacing = outgoing.filter(({ held }) => held?.why !== 'refusal');
  const shown = items.filter(
    ({ position, run_id, item }) =>
      !replacing.some(({ replace }) => isReplaced(position, replace)) &&
      (run_id !== live?.runId || roleOf(item) === 'user'),
  );
  const seen = new Set<string>();
  const messages = groupsOf(shown).map((group, index, groups) =>
    toMessage(
      { ...group, point: pointOf(points, group, groups[index - 1], groups[index + 1]) },
      { runs, seen, cache },
      live === undefined && index === groups.length - 1,
    ),
  );
  const stored = new Set(items.map(({ run_id }) => run_id));
  const begun = outgoing.filter(({ runId }) => runId !== undefined && !stored.has(runId));
  const waiting = outgoing.filter(({ runId }) => runId === undefined);
  const isLiveReplaced = replacing.some(({ runId, replace }) => runId === undefined && replace !== undefined);
  return [
    ...messages,
    ...begun.map(fromOutgoing),
    ...(live === undefined || isLiveReplaced ? [] : [fromLive(live, runs.get(live.runId))]),
    ...waiting.map(fromOutgoing),
  ];
}

/** Where versions begin with the same question, they are versions of its answer. */
function pointOf(
  points: readonly Point[],
  group: Group,
  before: Group | undefined,
  behind: Group | undefined,
): Point | undefined {
  const isIn = (placed: readonly PlacedItem[] | undefined, at: number | null) =>
    placed?.some(({ position }) => position === at) ?? false;
  return points.find(({ position, begin_alike }) =>
    begin_alike && (behind !== undefined || !isIn(group.placed, position))
      ? isIn(before?.placed, position)
      : isIn(group.placed, position),
  );
}

function isReplaced(position: number, replace: Outgoing['replace']): boolean {
  return replace !== undefined && position >= replace.from && position <= (replace.to ?? position);
}

function groupsOf(items: readonly PlacedItem[]): Group[] {
  const groups: (Group & { placed: PlacedItem[] })[] = [];
  for (const placed of items) {
    const role = roleOf(placed.item);
    const last = groups.at(-1);
    if (last?.role === 'assistant' && role === 'assistant' && last.runId === placed.run_id)
      last.placed.push(placed);
    else groups.push({ role, runId: placed.run_id, placed: [placed] });
  }
  return groups;
}

function toMessage(
  group: Group,
  {
    runs,
    seen,
    cache,
  }: {
    readonly runs: ReadonlyMap<string, RunResponse>;
    readonly seen: Set<string>;
    readonly cache: MessageCache;
  },
  isLast: boolean,
): ChatMessage {
  const [first] = group.placed;
  const last = group.placed.at(-1);
  if (first === undefined || last === undefined) throw new Error('a message has at least one item');
  const run = group.runId === null ? undefined : runs.get(group.runId);
  const byRun = `run-${group.runId}`;
  const isFirstOfRun = group.role === 'assistant' && group.runId !== null && !seen.has(byRun);
  const id = isFirstOfRun ? byRun : `at-${first.position}`;
  seen.add(id);
  // How a run ended is said where the conversation stops, and where an answer was cut off.
  const ended =
    run !== undefined && run.status !== 'completed' && (isLast || group.role === 'assistant')
      ? run
      : undefined;
  const { point } = group;
  const key = `${id} ${ended?.status} ${ended?.pending.length} ${point?.current} ${point?.ids} ${run?.ended_at}`;
  const known = cache.get(first);
  if (known?.key === key && isSame(known.group, group)) return known.message;
  const message: ChatMessage = {
    id,
    role: group.role,
    parts: assemble(
      group.placed.map(({ item }) => item),
      { waiting: waitingIn(ended), isOver: run?.status !== 'running' },
    ),
    from: first.position,
    to: last.position,
    createdAt: first.created_at,
    state: group.placed.some(({ item }) => isMessage(item) && item.status === 'incomplete')
      ? 'incomplete'
      : 'done',
    isBlocked: first.blocked,
    run: ended,
    point,
    ...(group.role === 'assistant' ? toAnswer(group, run) : NO_ANSWER),
    unsent: undefined,
  };
  cache.set(first, { group, key, message });
  return message;
}

/** Of what is over: who has no run any more has ended, too. */
function toAnswer({ placed }: Group, run: RunResponse | undefined): Pick<ChatMessage, 'rated' | 'cost'> {
  if (run !== undefined && run.ended_at === null) return NO_ANSWER;
  const rated = placed.findLast(({ item }) => isMessage(item));
  const seconds =
    run === undefined ? 0 : (Date.parse(run.ended_at ?? '') - Date.parse(run.started_at)) / 1_000;
  return { rated, cost: run?.usage ? { usage: run.usage, seconds } : undefined };
}

function isSame(one: Group, other: Group): boolean {
  return (
    one.placed.length === other.placed.length &&
    one.placed.every((placed, index) => placed === other.placed[index])
  );
}

/** Items as parts: each result with its call, a handoff by the name of the agent. */
function assemble(
  items: readonly Item[],
  { waiting, isOver }: { readonly waiting: ReadonlySet<string>; readonly isOver: boolean },
): Part[] {
  const parts: Part[] = [];
  for (const item of items) {
    if (isResult(item)) {
      const index = parts.findLastIndex((part) => part.type === 'tool' && part.callId === item.callId);
      const call = parts[index];
      if (call?.type === 'tool') parts[index] = answered(call, item);
      parts.push(...filesIn(item.output));
    } else parts.push(...partsOf(item));
  }
  return parts.map((part) => (part.type === 'tool' ? finish(part, waiting, isOver) : part));
}

function finish(part: ToolPart, waiting: ReadonlySet<string>, isOver: boolean): Part {
  const agent = handoffOf(part.name);
  if (agent !== undefined) return { type: 'handoff', agent };
  if (part.state !== 'running') return part;
  if (waiting.has(part.callId)) return { ...part, state: 'waiting' };
  return isOver ? { ...part, state: 'failed' } : part;
}

function fromOutgoing(outgoing: Outgoing): ChatMessage {
  const { key, text, pasted, files, runId } = outgoing;
  const texts = [text, ...pasted].filter((part) => part.trim() !== '');
  const shown = files.map((file) => ({ ...file, content: file.id }));
  const parts: Part[] = [
    ...texts.map((part) => ({ type: 'text' as const, text: part })),
    ...(shown.length > 0 ? [{ type: 'files' as const, files: shown }] : []),
  ];
  const unsent = runId === undefined ? outgoing : undefined;
  return { ...EMPTY, id: `out-${key}`, role: 'user', parts, unsent };
}

/** @param run some of its calls may still wait while it goes on with others. */
function fromLive({ runId, items }: LiveRun, run: RunResponse | undefined): ChatMessage {
  const parts = assemble(items, { waiting: waitingIn(run), isOver: false });
  return { ...EMPTY, id: `run-${runId}`, role: 'assistant', parts, state: 'running', run };
}

function waitingIn(run: RunResponse | undefined): Set<string> {
  return new Set(run?.pending.map(({ call_id }) => call_id));
}

const NO_ANSWER = { rated: undefined, cost: undefined } as const;

const EMPTY = {
  ...NO_ANSWER,
  from: undefined,
  to: undefined,
  createdAt: undefined,
  state: 'done',
  isBlocked: false,
  run: undefined,
  point: undefined,
  unsent: undefined,
} as const;

function roleOf(item: Item): ChatMessage['role'] {
  if (!isMessage(item)) return 'assistant';
  return item.role === 'user' || item.role === 'system' ? item.role : 'assistant';
}
