import type { QuestlogClient } from 'questlog/client';
import type { Outgoing } from './outgoing.ts';

type Replace = NonNullable<Outgoing['replace']>;
type Room = Replace & { readonly to: number };

/** What a message replaces, up to the end as it is now: kept, so that what comes later is not meant. */
export async function findRoom(client: QuestlogClient, chatId: string, replace: Replace): Promise<Room> {
  const { from, to } = replace;
  if (to !== undefined) return { ...replace, to };
  const [last, first] = await Promise.all([
    client.listItems(chatId, { limit: 1 }),
    client.listItems(chatId, { after: from - 1, limit: 1 }),
  ]);
  // Where nothing else was said yet it becomes an alternative by being set aside, named by its first item.
  const was = first.points.find(({ position }) => position === from)?.current ?? from;
  return { from, to: Math.max(from, last.items.at(-1)?.position ?? 0), was };
}

/**
 * Puts back what was set aside for a message that does not come, unless something else was said there meanwhile.
 *
 * @returns what the message replaces now: what is put back has other positions.
 */
export async function putBack(client: QuestlogClient, chatId: string, replace: Replace): Promise<Replace> {
  const { from, to, was } = replace;
  if (to === undefined || was === undefined) return replace;
  const look = () => client.listItems(chatId, { after: from - 1, limit: 1 });
  let now = await look();
  const point = now.points.find(({ ids }) => ids.includes(was));
  if (point?.position === null) {
    await client.selectAlternative(chatId, was);
    now = await look();
  } else if (point !== undefined && point.current !== was) return { from, to, was: undefined };
  // It may have been put back before by a page that was closed then.
  const first = now.items[0]?.position ?? from;
  return first > to ? { from: first, to: undefined, was: undefined } : { from, to, was: undefined };
}
