import { type AgentInputItem, tool } from '@openai/agents-core';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Ask } from './app.ts';

/** What a test calls an item: `user`, `assistant`, `call add`, `result add`, or its type. */
export function kindOf(item: AgentInputItem): string {
  if (item.type === 'function_call') return `call ${item.name}`;
  if (item.type === 'function_call_result') return `result ${item.name}`;
  return 'role' in item ? item.role : String(item.type);
}

/** The text of a message, whatever its form. */
export function textOf(item: AgentInputItem): string {
  if (!('content' in item)) return '';
  if (typeof item.content === 'string') return item.content;
  return (item.content ?? []).map((part) => ('text' in part ? part.text : '')).join('');
}

export async function historyOf(ask: Ask, chatId: string): Promise<AgentInputItem[]> {
  const reply = await ask('GET', `/chats/${chatId}`);
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json().conversation;
}

export async function kindsOf(ask: Ask, chatId: string): Promise<string[]> {
  return (await historyOf(ask, chatId)).map(kindOf);
}

/** The tool `add`: adds one, or fails with an error, or does something else. */
export function addTool(trouble?: Error | (() => Promise<string>)) {
  return tool({
    name: 'add',
    description: 'Adds one',
    parameters: z.object({ to: z.number() }),
    execute: ({ to }) => {
      if (trouble instanceof Error) throw trouble;
      return trouble?.() ?? String(to + 1);
    },
    // Without it a failure becomes a result that the model reads.
    ...(trouble instanceof Error ? { errorFunction: null } : {}),
  });
}

/** The tool `add`, which says how often it has run. */
export function countedAddTool() {
  const ran: number[] = [];
  const add = tool({
    name: 'add',
    description: 'Adds one',
    parameters: z.object({ to: z.number() }),
    execute: ({ to }) => {
      ran.push(to);
      return String(to + 1);
    },
  });
  return { add, ran };
}
