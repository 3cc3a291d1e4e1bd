import { findRegisterFaults } from './check-registers.ts';
import { findRunFaults } from './check-runs.ts';
import { type Found, type FoundChat, type FoundItem, groupBy, type Operation } from './history.ts';

/** A written item: who wrote it, and where it was found. */
interface Written {
  readonly mark: string;
  readonly by: Operation;
  readonly found: readonly FoundItem[];
}

/** One chat, with all that was done to it. */
interface Case {
  readonly chat: FoundChat;
  readonly operations: readonly Operation[];
  readonly written: readonly Written[];
}

/**
 * Judges what the database holds by what its clients saw.
 *
 * @returns what is wrong, in words: nothing when every promise was kept.
 */
export function findFaults(history: readonly Operation[], found: Found): string[] {
  const operations = groupBy(history, ({ chatId }) => chatId);
  const missing = [...operations.keys()].filter((id) => !found.chats.some(({ chatId }) => chatId === id));
  return [
    ...missing.map((chatId) => `${chatId}: the chat is gone`),
    ...found.chats.flatMap((chat) => findChatFaults(chat, operations.get(chat.chatId) ?? [])),
    ...findCountFaults(found),
    ...findRunFaults(history, found),
  ];
}

const CHECKS = [
  findForeign,
  findRefused,
  findDoubled,
  findLost,
  findArchived,
  findResurrected,
  findTorn,
  findReordered,
  findWrongPops,
  findPositions,
];

function findChatFaults(chat: FoundChat, operations: readonly Operation[]): string[] {
  const places = groupBy(chat.items, ({ mark }) => mark);
  const written = operations.flatMap((by) =>
    by.marks.map((mark) => ({ mark, by, found: places.get(mark) ?? [] })),
  );
  const checked = { chat, operations, written };
  return [...CHECKS.flatMap((check) => check(checked)), ...findRegisterFaults(chat, operations)].map(
    (fault) => `${chat.chatId}: ${fault}`,
  );
}

/** Whether the one may have taken effect after the other did. */
const mayFollow = (later: Operation, earlier: Operation) => later.end >= earlier.begin;
/** Whether the one has taken effect after the other was answered, if it has at all. */
const surelyFollows = (later: Operation, earlier: Operation) => later.begin > earlier.end;

const happened = ({ outcome }: Operation) => outcome !== 'refused';
const archives = ({ kind }: Operation) => kind === 'clear' || kind === 'replace';
const empties = (operation: Operation) => operation.kind === 'put' || archives(operation);

const poppedMarks = ({ operations }: Case) =>
  operations.flatMap(({ popped }) => (typeof popped === 'string' ? [popped] : []));

function findForeign({ chat, written }: Case): string[] {
  const known = new Set(written.map(({ mark }) => mark));
  return chat.items.flatMap(({ mark }) =>
    mark === undefined || known.has(mark) ? [] : [`${mark} was not written here`],
  );
}

function findRefused({ written }: Case): string[] {
  return written.flatMap(({ mark, by, found }) =>
    !happened(by) && found.length > 0 ? [`${mark} is there, and was refused`] : [],
  );
}

function findDoubled(checked: Case): string[] {
  const popped = poppedMarks(checked);
  return [
    ...checked.written.flatMap(({ mark, found }) =>
      found.length > 1 ? [`${mark} is there ${found.length} times`] : [],
    ),
    ...popped.filter((mark, index) => popped.indexOf(mark) < index).map((mark) => `${mark} was popped twice`),
  ];
}

/** What was acknowledged is there, or was popped, or may have been removed by something that does so. */
function findLost(checked: Case): string[] {
  const { operations, written } = checked;
  const popped = new Set(poppedMarks(checked));
  const removals = operations.filter((operation) => happened(operation) && empties(operation));
  const unexplained = written.filter(
    ({ mark, by, found }) =>
      by.outcome === 'done' &&
      found.length === 0 &&
      !popped.has(mark) &&
      !removals.some((removal) => removal !== by && mayFollow(removal, by)),
  );
  const pops = operations.filter(({ kind, outcome }) => kind === 'pop' && outcome === 'unknown').length;
  if (unexplained.length <= pops) return [];
  const marks = unexplained.map(({ mark }) => mark).join(', ');
  return [`${marks}: lost, with ${pops} pops that may have taken one each`];
}

function findArchived({ operations, written }: Case): string[] {
  const archivers = operations.filter((operation) => happened(operation) && archives(operation));
  return written.flatMap(({ mark, by, found }) =>
    found.some(({ archived }) => archived) &&
    !archivers.some((archiver) => archiver !== by && mayFollow(archiver, by))
      ? [`${mark} is in the archive, where nobody put it`]
      : [],
  );
}

/** What was popped, or was there when everything was removed, has not come back. */
function findResurrected(checked: Case): string[] {
  const popped = new Set(poppedMarks(checked));
  const removals = checked.operations.filter(
    (operation) => operation.outcome === 'done' && empties(operation),
  );
  return checked.written.flatMap(({ mark, by, found }) => {
    if (popped.has(mark) && found.length > 0) return [`${mark} was popped, and is there`];
    const stays = found.some(({ archived }) => !archived);
    return stays && removals.some((removal) => surelyFollows(removal, by))
      ? [`${mark} was removed, and is there`]
      : [];
  });
}

/** What one operation wrote stands together in its order; only its end may have been popped. */
function findTorn({ written }: Case): string[] {
  return [...groupBy(written, ({ by }) => by).values()].flatMap((items) => {
    const positions = items.map(({ found }) => found[0]?.position);
    const there = positions.filter((position) => position !== undefined);
    const first = there[0] ?? 0;
    const whole = there.every((_, index) => positions[index] === first + index);
    return whole ? [] : [`${items.map(({ mark }) => mark).join(', ')} are at ${positions.join(', ')}`];
  });
}

/** What was acknowledged before another operation began stands before what that one wrote. */
function findReordered({ written }: Case): string[] {
  const stored = written.flatMap(({ mark, by, found }) =>
    found.map(({ position }) => ({ mark, by, position })),
  );
  let latest: (typeof stored)[number] | undefined;
  const faults: string[] = [];
  for (const item of stored.toSorted((a, b) => a.position - b.position)) {
    if (latest !== undefined && surelyFollows(latest.by, item.by)) {
      faults.push(`${item.mark} was stored before ${latest.mark} was written, and stands behind it`);
    }
    if (latest === undefined || item.by.begin > latest.by.begin) latest = item;
  }
  return faults;
}

/** A pop returns the newest item: nothing stayed that was surely newer than what it returned. */
function findWrongPops({ operations, written }: Case): string[] {
  const writers = new Map(written.map(({ mark, by }) => [mark, by]));
  const stayed = written.filter(({ found }) => found.some(({ archived }) => !archived));
  return operations
    .filter(({ kind, outcome, popped }) => kind === 'pop' && outcome === 'done' && popped !== null)
    .flatMap((pop) => {
      const writer = writers.get(pop.popped ?? '');
      if (typeof pop.popped === 'string' && writer === undefined)
        return [`${pop.popped} was popped elsewhere`];
      const newer = stayed.find(
        ({ by }) => surelyFollows(pop, by) && (writer === undefined || surelyFollows(by, writer)),
      );
      return newer === undefined ? [] : [`a pop returned ${pop.popped ?? 'nothing'}, and left ${newer.mark}`];
    });
}

function findPositions({ chat, operations, written }: Case): string[] {
  const positions = chat.items.map(({ position }) => position);
  const faults: string[] = [];
  if (new Set(positions).size < positions.length) faults.push('a position is there twice');
  if (positions.some((position) => position >= chat.nextPosition)) {
    faults.push(`a position is not before ${chat.nextPosition}, the next one`);
  }
  const taken = written.filter(({ by }) => by.outcome === 'done').length;
  // Only where nobody else has written can it be told what the next position must be.
  const exact = operations.every(({ kind, outcome }) => kind !== 'run' && outcome !== 'unknown');
  if (exact ? chat.nextPosition !== taken : chat.nextPosition < taken) {
    faults.push(`the next position is ${chat.nextPosition}, and ${taken} were taken`);
  }
  return faults;
}

function findCountFaults({ chats, counts }: Found): string[] {
  return [...groupBy(chats, ({ userId }) => userId)].flatMap(([userId, own]) => {
    const active = own.filter(({ isActive }) => isActive).length;
    const inactive = own.length - active;
    const counted = counts.find((count) => count.userId === userId);
    return counted?.active === active && counted.inactive === inactive
      ? []
      : [
          `${userId} has ${active} chats and ${inactive} deleted ones, counted as ${counted?.active}, ${counted?.inactive}`,
        ];
  });
}
