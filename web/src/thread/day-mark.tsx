import { useLocale } from '../texts/texts-provider.tsx';
import type { ChatMessage } from './store/message.ts';

/** The day on which what follows was said. In full: "today" would be wrong on a page that stays open over midnight. */
export function DayMark({ date }: { readonly date: Date | undefined }) {
  const locale = useLocale();
  if (date === undefined) return null;
  const year = date.getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const);
  return (
    <p className="day-mark">
      <time dateTime={dayOf(date)}>
        {date.toLocaleDateString(locale, { weekday: 'long', day: 'numeric', month: 'long', ...year })}
      </time>
    </p>
  );
}

/**
 * The messages that begin a day of the person's calendar, by their ids.
 *
 * @param before the message before them, where it is known.
 * @param isWhole whether without it the first of them is the chat's first.
 */
export function findDays(
  before: ChatMessage | undefined,
  messages: readonly ChatMessage[],
  isWhole: boolean,
): ReadonlyMap<string, Date> {
  const days = new Map<string, Date>();
  let last = before === undefined ? undefined : dayOf(dateOf(before));
  for (const message of messages) {
    const date = dateOf(message);
    const day = dayOf(date);
    if (day !== last && (last !== undefined || isWhole)) days.set(message.id, date);
    last = day;
  }
  return days;
}

/** What the server does not have yet is said now. */
function dateOf({ createdAt }: ChatMessage): Date {
  return createdAt === undefined ? new Date() : new Date(createdAt);
}

/** By the calendar, not by hours: days with a change of the clocks are shorter and longer. */
function dayOf(date: Date): string {
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day}`;
}
