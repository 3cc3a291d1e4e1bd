import { createHash } from 'node:crypto';
import type { AgentInputItem } from '@openai/agents-core';
import type { Database } from '../../database/database.ts';
import type { Queryable } from '../../driver/driver.ts';
import { sqlstateOf, UNIQUE_VIOLATION } from '../../driver/sqlstate.ts';
import { QuestlogError } from '../../errors.ts';
import { assertChatId, assertId, newId } from '../../ids.ts';
import { getChat } from '../../store/chats/chats.ts';
import { encodeInTurns } from '../../store/items/item-json.ts';
import { type BegunRun, beginRun, beginRunWithoutChat, type NewRun } from '../../store/runs/begin-run.ts';
import { getRunOfKey } from '../../store/runs/idempotency-keys.ts';
import { getActiveRun, type RunRow } from '../../store/runs/runs.ts';
import type { RunRequest } from '../types.ts';
import type { UsageGate } from '../usage/usage-limits.ts';
import { titleOf } from './read-input.ts';
import { NOT_APPROVED_RESULT } from './run-state.ts';
import { type Takeover, takeOverRun } from './takeover.ts';

/** A run that this request began, or that an earlier request with the same key did. */
export type Begin = { readonly begun: BegunRun } | { readonly joins: string };

export interface BeginOptions {
  readonly maxItemBytes: number | undefined;
  readonly leaseMs: number;
  readonly gate: UsageGate;
}

/** Attempts to begin when other runs get the chat first. */
const MAX_ATTEMPTS = 5;

/**
 * Stores the input and makes the chat busy, or joins the run that the same request began before.
 *
 * @throws QuestlogError `chat_not_found`, `chat_busy`, `approval_pending`, `key_reused`, `usage_limit`: nothing has changed.
 */
export async function beginOrJoin(
  db: Database,
  request: RunRequest,
  input: readonly AgentInputItem[],
  options: BeginOptions,
): Promise<Begin> {
  const { userId, idempotencyKey: key } = request;
  if (key !== undefined) assertId('Idempotency-Key', key);
  const idempotency = key === undefined ? undefined : { key, fingerprint: fingerprintOf(request) };
  const joined = idempotency && (await findJoinedRun(db, userId, idempotency));
  if (joined !== undefined) return { joins: joined };
  const begin = () => beginNew(db, request, input, idempotency, options);
  return options.gate.admitRun(userId, begin, (done) => 'begun' in done);
}

async function beginNew(
  db: Database,
  request: RunRequest,
  input: readonly AgentInputItem[],
  idempotency: NewRun['idempotency'],
  { maxItemBytes, leaseMs }: BeginOptions,
): Promise<Begin> {
  const { userId } = request;
  const run = { runId: newId(), userId, agent: request.agent.name, leaseMs, idempotency };
  // Registered before it is stored, so that the sweeper of this process does not take it over.
  db.executingRuns.add(run.runId);
  try {
    if (request.chatId === null) return { begun: await beginRunWithoutChat(db, run) };
    const chatId = request.chatId ?? newId();
    assertChatId('session_id', chatId);
    const items = await encodeInTurns(db.turns, userId, input, { field: 'input', maxItemBytes });
    const newRun = { ...run, chatId, input: items, title: titleOf(input) };
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      const begun = await beginRun(db, newRun);
      if (begun !== undefined) return { begun };
      await freeChat(db, chatId, request);
    }
    throw new QuestlogError('chat_busy', 'other runs were faster on this chat');
  } catch (error) {
    db.executingRuns.delete(run.runId);
    // Two requests with one key at once: the other was first, and has the key or the chat.
    const first = isRace(error) && idempotency ? await findJoinedRun(db, userId, idempotency) : undefined;
    if (first === undefined) throw error;
    return { joins: first };
  }
}

function isRace(error: unknown): boolean {
  if (!(error instanceof QuestlogError)) return false;
  return (
    error.code === 'chat_busy' ||
    error.code === 'approval_pending' ||
    sqlstateOf(error.cause) === UNIQUE_VIOLATION
  );
}

/** Ends a run whose process is gone, or whose approvals the user gives up. Throws when the chat is not available. */
async function freeChat(db: Database, chatId: string, request: RunRequest): Promise<void> {
  const { userId } = request;
  const active = await getActiveRun(db, userId, chatId);
  if (active === undefined) {
    // Either it is not there for this user, or the run that was active has just ended.
    const chat = await getChat(db, chatId, userId, { activeOnly: false });
    if (chat?.isActive) return;
    const detail = chat === undefined ? 'there is no such chat' : 'this chat is deleted: restore it first';
    throw new QuestlogError('chat_not_found', detail);
  }
  if (isAbandoned(db, active)) {
    await takeOverRun(db, userId, active.runId, toInterruption(db));
  } else if (active.status === 'awaiting_approval' && request.pending === 'reject') {
    await takeOverRun(db, userId, active.runId, toCancellation());
  } else throw busyError(active, 'decide its calls, or give pending: "reject" to give them up');
}

/**
 * Whether no process executes a run: its lease has expired, or no other process can have its database open. A run of this
 * process renews its lease as soon as the database can be reached again.
 */
function isAbandoned(db: Database, run: RunRow): boolean {
  if (run.status !== 'running' || db.executingRuns.has(run.runId)) return false;
  return run.leaseExpired || db.kind === 'pglite';
}

/** Ends a run whose process is gone. */
export function toInterruption(db: Database): Takeover {
  return {
    failure: new QuestlogError(
      'run_interrupted',
      'the process of this run ended, or lost its database, before the run did',
    ),
    status: 'interrupted',
    isAllowed: (run) => isAbandoned(db, run),
  };
}

/** Ends a run that waits for approvals which will not come any more. */
export function toCancellation(): Takeover {
  return {
    failure: new QuestlogError('run_cancelled', 'the run was cancelled while it waited for approval'),
    status: 'cancelled',
    isAllowed: (run) => run.status === 'awaiting_approval',
    resultOf: () => NOT_APPROVED_RESULT,
  };
}

/**
 * A history that is replaced under a run would hold half of what the run made.
 *
 * @throws QuestlogError `chat_busy`, `approval_pending`.
 */
export async function assertIdle(db: Queryable, userId: string, chatId: string): Promise<void> {
  const active = await getActiveRun(db, userId, chatId);
  if (active !== undefined) throw busyError(active, 'decide its calls, or cancel it');
}

function busyError(active: RunRow, remedy: string): QuestlogError {
  const { runId, status, pending } = active;
  if (status !== 'awaiting_approval') {
    return new QuestlogError('chat_busy', 'a run is active on this chat', { details: { run_id: runId } });
  }
  return new QuestlogError('approval_pending', `a run of this chat waits for approval: ${remedy}`, {
    details: { run_id: runId, pending: JSON.parse(pending ?? '[]') },
  });
}

async function findJoinedRun(
  db: Database,
  userId: string,
  { key, fingerprint }: { readonly key: string; readonly fingerprint: string },
): Promise<string | undefined> {
  const found = await getRunOfKey(db, userId, key);
  if (found === undefined || found.fingerprint === fingerprint) return found?.runId;
  throw new QuestlogError('key_reused', 'this Idempotency-Key was used for another request');
}

function fingerprintOf({ agent, input, chatId, context, pending }: RunRequest): string {
  const content = JSON.stringify([
    agent.name,
    input,
    chatId === undefined ? 'new' : [chatId],
    context,
    pending,
  ]);
  return createHash('sha256').update(content).digest('hex');
}
