import type { ChatSummary } from 'questlog/client';

export interface DayGroup {
  readonly label: string;
  readonly chats: readonly ChatSummary[];
}

const DAY_MS = 24 * 60 * 60_000;

/** Chats that are sorted by their last activity, under headings that people think in. */
export function groupByDay(chats: readonly ChatSummary[], now = new Date()): DayGroup[] {
  const groups: { label: string; chats: ChatSummary[] }[] = [];
  for (const chat of chats) {
    const label = labelOf(new Date(chat.updated_at), now);
    const last = groups.at(-1);
    if (last?.label === label) last.chats.push(chat);
    else groups.push({ label, chats: [chat] });
  }
  return groups;
}

function labelOf(date: Date, now: Date): string {
  const days = Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days <= 7) return 'Previous 7 days';
  if (days <= 30) return 'Previous 30 days';
  const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return date.toLocaleDateString('en', { month: 'long', ...year });
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
