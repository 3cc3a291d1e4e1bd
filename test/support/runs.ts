import type { AgentInputItem, Model } from '@openai/agents-core';
import Fastify from 'fastify';
import { onTestFinished } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { type AgentRouterOptions, createAgentRouter } from '../../src/http/routes/chat.ts';
import { chatStorageRouter } from '../../src/http/routes/chats/chats.ts';
import { runsRouter } from '../../src/http/routes/runs.ts';
import { usageRouter } from '../../src/http/routes/users/usage.ts';
import { userRouter } from '../../src/http/routes/users/user.ts';
import { newId } from '../../src/ids.ts';
import { createModel } from '../../src/models/model.ts';
import { Runs } from '../../src/run/runs.ts';
import type { RunsOptions } from '../../src/run/runs-options.ts';
import type { ChatAgent, Run, RunRequest, RunResult } from '../../src/run/types.ts';
import { getItems } from '../../src/store/items/read-items.ts';
import type { RunEvent } from '../../src/wire/events.ts';
import { asUser, byHeader } from './app.ts';
import { newUser } from './databases.ts';
import { throughDoor } from './doors.ts';
import type { Script } from './strict/reply.ts';
import { type StrictOpenAi, type StrictOptions, startStrictOpenAi } from './strict/strict-openai.ts';

/** Runs on a database, closed when the test ends. */
export function runsOn(db: Database, options: Omit<RunsOptions, 'db'> = {}): Runs {
  const runs = new Runs({ db, ...options });
  onTestFinished(() => runs.close(0));
  return runs;
}

/** An app with all routers on these runs, who asks it as this user, and the app to listen with. */
export async function appOn(
  runs: Runs,
  db: Database,
  agent: ChatAgent,
  userId: string = newUser(),
  options: Pick<AgentRouterOptions, 'heartbeatMs' | 'runOptions' | 'replies'> = {},
) {
  const app = Fastify({ forceCloseConnections: true, pluginTimeout: 0 });
  const common = { db, authenticate: byHeader, ...options };
  await app.register(chatStorageRouter, { prefix: '/chats', ...common });
  await app.register(runsRouter, { prefix: '/runs', runs, ...common });
  await app.register(userRouter, { prefix: '/user', ...common });
  await app.register(usageRouter, { prefix: '/usage', ...common });
  await app.register(createAgentRouter({ agent, runs, ...common }));
  onTestFinished(() => app.close());
  throughDoor(app);
  return { app, userId, ask: asUser(app, userId) };
}

/** A strict stand-in for OpenAI and a model that asks it, closed when the test ends. */
export async function strictModel(
  script: Script,
  options: StrictOptions = {},
): Promise<{ readonly api: StrictOpenAi; readonly model: Model }> {
  const api = await startStrictOpenAi(script, options);
  onTestFinished(() => api.close());
  const { model } = await createModel({
    baseUrl: api.baseUrl,
    api: options.api ?? 'responses',
    model: 'strict',
  });
  return { api, model };
}

/** One user with one chat, who talks to agents through `runs`. */
export class Talk {
  readonly userId: string;
  readonly chatId: string;
  readonly #db: Database;
  readonly #runs: Runs;

  constructor(db: Database, runs: Runs, { userId, chatId } = { userId: newUser(), chatId: newId() }) {
    this.userId = userId;
    this.chatId = chatId;
    this.#db = db;
    this.#runs = runs;
  }

  start(agent: ChatAgent, input: RunRequest['input'], more: Partial<RunRequest> = {}): Promise<Run> {
    return this.#runs.start({ agent, input, userId: this.userId, chatId: this.chatId, ...more });
  }

  /** The result of a run, or what it failed with. */
  async say(
    agent: ChatAgent,
    input: RunRequest['input'],
    more: Partial<RunRequest> = {},
  ): Promise<RunResult | Error> {
    const run = await this.start(agent, input, more);
    return run.result().catch((error: Error) => error);
  }

  history(): Promise<AgentInputItem[]> {
    return getItems(this.#db, this.chatId, this.userId);
  }
}

/** All events of a run until it ends or pauses. */
export async function eventsOf(run: Run, after = 0): Promise<{ id: number; text: string }[]> {
  const events: { id: number; text: string }[] = [];
  for await (const event of run.eventTexts(after)) events.push(event);
  return events;
}

/** Resolves with the first event of a run that fits. */
export async function eventOf(run: Run, fits: (event: RunEvent) => boolean): Promise<RunEvent> {
  const stop = new AbortController();
  for await (const { event } of run.events(0, stop.signal)) {
    if (!fits(event)) continue;
    stop.abort();
    return event;
  }
  throw new Error('the run has no such event');
}
