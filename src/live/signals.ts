import type { ChangedChat, Moment } from '../store/chats/changed-chats.ts';
import type { Signal } from '../wire/live.ts';

/** What was last sent of a chat to the watchers of a user. */
export type KnownChat = Pick<ChangedChat, 'version' | 'last' | 'runId' | 'runStatus'>;

/** For less than the minute in which `rewrittenFrom` only goes down. */
const REWRITE_WINDOW_MICROS = 50_000_000;

/**
 * Makes the signals for a watcher that knows a chat as `known`, or everything up to `since`. They follow
 * from the tables alone: the same after a notification, a poll or a reconnect.
 */
export function toSignals(chat: ChangedChat, since: Moment, known?: KnownChat): Signal[] {
  if (known !== undefined && chat.version <= known.version) return [];
  const base = known?.version ?? since;
  if (!chat.isActive) return [{ type: 'chat_deleted', ...idsOf(chat), permanent: chat.isRemoved }];
  return [chatSignal(chat, base), ...itemSignals(chat, base, known), ...runSignals(chat, base, known)];
}

function chatSignal(chat: ChangedChat, base: Moment): Signal {
  if (chat.createdAt > base) return { type: 'chat_created', ...idsOf(chat) };
  const restored = chat.switchedAt !== null && chat.switchedAt > base;
  return { type: restored ? 'chat_restored' : 'chat_changed', ...idsOf(chat) };
}

function itemSignals(chat: ChangedChat, base: Moment, known: KnownChat | undefined): Signal[] {
  const { rewrittenAt, last } = chat;
  const sent = known?.last ?? -1;
  const isAppended = chat.appendedFrom !== null && last !== null && last > sent;
  const appended = isAppended ? [Math.max(chat.appendedFrom, sent + 1)] : [];
  if (rewrittenAt !== null && rewrittenAt > base) {
    const from = rewrittenAt - base < REWRITE_WINDOW_MICROS ? (chat.rewrittenFrom ?? 0) : 0;
    return [{ type: 'items_replaced', ...idsOf(chat), first: Math.min(from, ...appended), last }];
  }
  return appended.map((first) => ({ type: 'items_appended', ...idsOf(chat), first, last }));
}

function runSignals(chat: ChangedChat, base: Moment, known: KnownChat | undefined): Signal[] {
  const { runId, runStatus, runEndedAt, lastEvent } = chat;
  if (runId === null || runStatus === null) return [];
  if (known?.runId === runId && known.runStatus === runStatus) return [];
  const run = { chat_id: chat.chatId, run_id: runId, last_event: lastEvent ?? 0 };
  if (runStatus === 'running') return [{ type: 'run_started', ...run }];
  if (runStatus === 'awaiting_approval') return [{ type: 'run_awaiting_approval', ...run }];
  if (runEndedAt === null || (runEndedAt <= base && known?.runId !== runId)) return [];
  return [{ type: 'run_ended', ...run, status: runStatus }];
}

function idsOf({ chatId, version }: ChangedChat) {
  return { chat_id: chatId, version: String(version) };
}
