import { randomUUID } from 'node:crypto';
import type { Message } from '../turn.ts';
import { openPool, requirePeer, type Store } from './store.ts';

/** What is used of the packages, whose types are only there with them. */
interface ChatMessage {
  readonly id?: string;
}
interface Graph {
  invoke(input: object, config: object): Promise<unknown>;
  getState(config: object): Promise<{ values: { messages?: ChatMessage[] } }>;
  updateState(config: object, values: object, node: string): Promise<unknown>;
}
interface GraphBuilder {
  addNode(
    name: string,
    node: (state: object, config: { configurable: { answer: string } }) => object,
  ): GraphBuilder;
  addEdge(from: string, to: string): GraphBuilder;
  compile(options: object): Graph;
}
type MessageClass = new (fields: { id?: string; content: string }) => ChatMessage;

/**
 * A compiled graph with one node on `PostgresSaver`, the way to store a conversation there: a turn is one `invoke`, which
 * reads the state, adds the question and what the node answers, and writes its checkpoints.
 */
export async function openLangGraph(url: string): Promise<Store> {
  const graphs = requirePeer<{
    StateGraph: new (annotation: unknown) => GraphBuilder;
    MessagesAnnotation: unknown;
    START: string;
    END: string;
  }>('@langchain/langgraph');
  const { HumanMessage, AIMessage, RemoveMessage } = requirePeer<{
    HumanMessage: MessageClass;
    AIMessage: MessageClass;
    RemoveMessage: new (fields: { id: string }) => ChatMessage;
  }>('@langchain/core/messages');
  const { PostgresSaver } = requirePeer<{
    PostgresSaver: new (pool: unknown) => { setup(): Promise<void> };
  }>('@langchain/langgraph-checkpoint-postgres');
  const pool = openPool(url);
  const checkpointer = new PostgresSaver(pool);
  await checkpointer.setup();
  const graph = new graphs.StateGraph(graphs.MessagesAnnotation)
    .addNode('answer', (_state, { configurable }) => ({
      messages: [new AIMessage({ content: configurable.answer })],
    }))
    .addEdge(graphs.START, 'answer')
    .addEdge('answer', graphs.END)
    .compile({ checkpointer });
  const on = (chat: string, more: object = {}) => ({ configurable: { thread_id: chat, ...more } });
  const messagesOf = async (chat: string) => (await graph.getState(on(chat))).values.messages ?? [];
  const toMessage = ({ role, text }: Message) =>
    role === 'user'
      ? new HumanMessage({ id: randomUUID(), content: text })
      : new AIMessage({ id: randomUUID(), content: text });
  return {
    async seed(chat, messages) {
      await graph.updateState(on(chat), { messages: messages.map(toMessage) }, 'answer');
    },
    async append(chat, [question, answer]) {
      const input = { messages: [new HumanMessage(question?.text as never)] };
      await graph.invoke(input, on(chat, { answer: answer?.text }));
    },
    load: async (chat) => (await messagesOf(chat)).length,
    async pop(chat) {
      const last = (await messagesOf(chat)).at(-1);
      if (last?.id === undefined) return undefined;
      await graph.updateState(on(chat), { messages: [new RemoveMessage({ id: last.id })] }, 'answer');
      return last;
    },
    close: () => pool.end(),
  };
}
