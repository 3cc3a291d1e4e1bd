import fc from 'fast-check';
import {
  type Chat,
  type ChatFilter,
  createChat,
  type Database,
  DatabaseSession,
  deleteChat,
  forkChat,
  getUserChats,
  hardDeleteChat,
  type Metadata,
  restoreChat,
  updateChat,
} from '../../src/index.ts';
import { userSays } from '../session/items.ts';

export const anyTags = fc.uniqueArray(fc.constantFrom('a', 'b', 'ä', '🐉', 'a b'), { maxLength: 3 });
/** Also what jsonb would refuse, reorder or print otherwise. */
const anyValue = fc.oneof(
  fc.constantFrom<unknown>('a', '1', 'true', 1, 1e21, 1e308, 0.1, true, false, null, '\u0000', '\ud83d', [
    'a',
  ]),
  fc.jsonValue({ maxDepth: 2 }),
);
export const anyMetadata: fc.Arbitrary<Metadata> = fc.dictionary(
  fc.constantFrom('k', 'l', '__proto__', '\u0000'),
  anyValue,
  {
    maxKeys: 3,
  },
);
const anyOrganisation = fc.record(
  { isPinned: fc.boolean(), isArchived: fc.boolean(), tags: anyTags, metadata: anyMetadata },
  { requiredKeys: [] },
);
export const anyFilter: fc.Arbitrary<ChatFilter> = fc.record(
  {
    activeOnly: fc.boolean(),
    deletedOnly: fc.boolean(),
    archived: fc.boolean(),
    pinned: fc.boolean(),
    tags: anyTags,
    metadata: fc.dictionary(
      fc.constantFrom('k', 'l'),
      fc.constantFrom<string | number | boolean>('a', '1', 1, 1e21, true),
      {
        maxKeys: 2,
      },
    ),
    titleContains: fc.constantFrom('a', 'B'),
  },
  { requiredKeys: [] },
);
const anyTitle = fc.constantFrom('Ab', 'b', null);
export const anyStep = fc.oneof(
  fc.record({ do: fc.constant('create' as const), chat: anyOrganisation, title: anyTitle }),
  fc.record({ do: fc.constant('organise' as const), pick: fc.nat(), chat: anyOrganisation }),
  fc.record({
    do: fc.constantFrom('retitle' as const, 'append' as const, 'delete' as const),
    pick: fc.nat(),
    title: anyTitle,
  }),
  fc.record({ do: fc.constantFrom('restore' as const, 'fork' as const, 'remove' as const), pick: fc.nat() }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** What a chat should be; the newest activity first. */
export interface Expected {
  readonly chatId: string;
  readonly title: string | null;
  readonly isActive: boolean;
  readonly isPinned: boolean;
  readonly isArchived: boolean;
  readonly tags: readonly string[];
  readonly metadata: Metadata;
}

/** Takes a step, in the database and in the model of it. */
export async function take(
  db: Database,
  userId: string,
  chats: readonly Expected[],
  step: Step,
): Promise<readonly Expected[]> {
  if (step.do === 'create') {
    const { chatId } = await createChat(db, userId, { title: step.title, ...step.chat });
    const plain = { isPinned: false, isArchived: false, tags: [], metadata: {} };
    return [{ chatId, title: step.title, isActive: true, ...plain, ...step.chat }, ...chats];
  }
  const chat = chats[step.pick % (chats.length || 1)];
  if (chat === undefined) return chats;
  const { chatId } = chat;
  const others = chats.filter((other) => other !== chat);
  const moved = (changes: Partial<Expected>) => [{ ...chat, ...changes }, ...others];
  switch (step.do) {
    case 'organise':
      await updateChat(db, chatId, userId, step.chat);
      return chat.isActive
        ? chats.map((other) => (other === chat ? { ...chat, ...step.chat } : other))
        : chats;
    case 'retitle':
      await updateChat(db, chatId, userId, { title: step.title });
      return chat.isActive ? moved({ title: step.title }) : chats;
    case 'append':
      await new DatabaseSession(chatId, db, { userId }).addItems([userSays('x')]);
      return moved({});
    case 'delete':
      await deleteChat(db, chatId, userId);
      return chat.isActive ? moved({ isActive: false }) : chats;
    case 'restore':
      await restoreChat(db, chatId, userId);
      return chat.isActive ? chats : moved({ isActive: true });
    case 'remove':
      await hardDeleteChat(db, chatId, userId);
      return others;
    default: {
      const fork = await forkChat(db, chatId, userId);
      if (fork === undefined) return chats;
      return [{ ...chat, chatId: fork.chatId, isPinned: false, isArchived: false }, ...chats];
    }
  }
}

export async function inPages(
  db: Database,
  userId: string,
  filter: ChatFilter,
  limit: number,
): Promise<Chat[]> {
  const listed: Chat[] = [];
  while (listed.length < 100) {
    const page = await getUserChats(db, userId, { ...filter, limit, after: listed.at(-1) });
    listed.push(...page);
    if (page.length < limit) break;
  }
  return listed;
}

export function toExpected({
  chatId,
  title,
  isActive,
  isPinned,
  isArchived,
  tags,
  metadata,
}: Chat): Expected {
  return { chatId, title, isActive, isPinned, isArchived, tags, metadata };
}

export function isListed(chat: Expected, filter: ChatFilter): boolean {
  const { activeOnly = true, deletedOnly = false, pinned, tags = [], metadata = {}, titleContains } = filter;
  const archived = filter.archived ?? (activeOnly && !deletedOnly ? false : undefined);
  if (deletedOnly ? chat.isActive : activeOnly && !chat.isActive) return false;
  if (archived !== undefined && chat.isArchived !== archived) return false;
  if (pinned !== undefined && chat.isPinned !== pinned) return false;
  if (!tags.every((tag) => chat.tags.includes(tag))) return false;
  const has = ([key, value]: [string, unknown]) =>
    Object.hasOwn(chat.metadata, key) && chat.metadata[key] === value;
  if (!Object.entries(metadata).every(has)) return false;
  return (
    titleContains === undefined || (chat.title ?? '').toLowerCase().includes(titleContains.toLowerCase())
  );
}
