import type { ModelRequest } from '@openai/agents-core';

/** The result of a tool call in the current turn. */
export interface ToolResult {
  readonly tool: string;
  readonly text: string;
}

/** What the offline model reads from a request. The current turn begins at the last message of the user. */
export interface Conversation {
  /** The last message of the user; empty without one. */
  readonly question: string;
  /** The user's earlier messages, oldest first. */
  readonly earlier: readonly string[];
  /** How many messages, of anyone, came before the question. */
  readonly remembered: number;
  /** The results of the current turn, oldest first. */
  readonly results: readonly ToolResult[];
}

/** What the offline model says, or the tools that it calls. */
export type Reply = { readonly text: string } | { readonly calls: readonly ToolCall[] };

export interface ToolCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The names of what the agent can call. */
export interface Abilities {
  readonly tools: readonly string[];
  readonly handoffs: readonly string[];
}

/** Answers a conversation, or has nothing to say to it. */
export type Skill = (conversation: Conversation, abilities: Abilities) => Reply | undefined;

/** Reads a request's input, a text or items of any kind. */
export function readConversation(input: ModelRequest['input']): Conversation {
  if (typeof input === 'string') return { question: input, earlier: [], remembered: 0, results: [] };
  const start = input.findLastIndex((item) => 'role' in item && item.role === 'user');
  const before = input.slice(0, Math.max(start, 0));
  const messages = before.flatMap((item) => ('role' in item && item.role !== 'system' ? [item] : []));
  const results = input
    .slice(start + 1)
    .flatMap((item) =>
      item.type === 'function_call_result' ? [{ tool: item.name, text: textOf(item.output) }] : [],
    );
  const question = input[start];
  return {
    question: question !== undefined && 'content' in question ? textOf(question.content) : '',
    earlier: messages.filter((item) => item.role === 'user').map((item) => textOf(item.content)),
    remembered: messages.length,
    results,
  };
}

/** The text of a content: a string, one part, or parts of which some may be images or files. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(textOf).filter(Boolean).join(' ');
  const isText = typeof content === 'object' && content !== null && 'text' in content;
  return isText && typeof content.text === 'string' ? content.text : '';
}
