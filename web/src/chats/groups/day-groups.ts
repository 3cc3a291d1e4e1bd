import type { ChatSummary } from 'questlog/client';
import type { Texts } from '../../texts/en.ts';

export interface DayGroup {
  readonly label: string;
  readonly chats: readonly ChatSummary[];
}

const DAY_MS = 24 * 60 * 60_000;

/** Chats that are sorted by their last activity, under headings that people think in. */
export function groupByDay(chats: readonly ChatSummary[], days: Texts['days'], locale: string): DayGroup[] {
  const now = new Date();
  const groups: { label: string; chats: ChatSummary[] }[] = [];
  for (const chat of chats) {
    const date = new Date(chat.updated_at);
    const label = labelOfDay(date, now, days) ?? labelOfMonth(date, now, locale);
    const last = groups.at(-1);
    if (last?.label === label) last.chats.push(chat);
    else groups.push({ label, chats: [chat] });
  }
  return groups;
}

function labelOfDay(date: Date, now: Date, labels: Texts['days']): string | undefined {
  const days = Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS);
  if (days <= 0) return labels.today;
  if (days === 1) return labels.yesterday;
  if (days <= 7) return labels.week;
  return days <= 30 ? labels.month : undefined;
}

function labelOfMonth(date: Date, now: Date, locale: string): string {
  const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return date.toLocaleDateString(locale, { month: 'long', ...year });
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
