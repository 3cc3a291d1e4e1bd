import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentInputItem } from '@openai/agents-core';
import { onTestFinished } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { openDatabase } from '../../src/db/open.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newUser } from './databases.ts';
import { strictModel } from './runs.ts';
import { type RunsProcess, startRunsProcess } from './runs-process.ts';
import type { Script } from './strict-openai.ts';

/** A PostgreSQL and a model for any number of server processes, all asked as one user. */
export async function stageServers(script: Script) {
  const url = await createPostgresDatabase();
  await migrate(closedAfterTest(await openDatabase(url)));
  const { api } = await strictModel(script);
  const file = join(newFolder(), 'executed');
  writeFileSync(file, '');
  const place = { url, api, file, userId: newUser() };
  const start = async (shutdownMs: number): Promise<RunsProcess> => {
    const server = await startRunsProcess({ ...place, shutdownMs });
    onTestFinished(() => server.program.kill().then(() => undefined));
    return server;
  };
  /** What the tools were executed for. */
  const executed = () => readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return { api, start, executed };
}

export async function conversationOf(server: RunsProcess, chatId: string): Promise<AgentInputItem[]> {
  const reply = await server.ask('GET', `/chats/${chatId}`);
  return ((await reply.json()) as { conversation: AgentInputItem[] }).conversation;
}

export async function jsonOf(reply: Promise<Response>): Promise<Record<string, unknown>> {
  return (await (await reply).json()) as Record<string, unknown>;
}
