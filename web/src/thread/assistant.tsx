import {
  ActionBarPrimitive,
  type AppendMessage,
  AssistantRuntimeProvider,
  AuiIf,
  ComposerPrimitive,
  type ExportedMessageRepository,
  fromThreadMessageLike,
  MessagePrimitive,
  type ThreadMessage,
  ThreadPrimitive,
  unstable_useThreadMessageIds,
  useAui,
  useAuiState,
  useExternalStoreRuntime,
} from '@assistant-ui/react';
import { type ReactNode, useMemo, useState } from 'react';
import { type ChatMessage, textOf } from './store/message.ts';

// The one file that knows assistant-ui (docs/decisions/009-the-page.md): its releases are pinned as a set, and what
// the page takes from it is what stands here.
export {
  ActionBarPrimitive as Actions,
  ComposerPrimitive as Composer,
  MessagePrimitive as Message,
  ThreadPrimitive as Thread,
};

/** What the person does to a conversation. */
export interface ThreadActions {
  send(text: string): void;
  edit(message: ChatMessage, text: string): void;
  regenerate(messageId: string | null): void;
  stop(): void;
}

interface ThreadProviderProps extends ThreadActions {
  readonly messages: readonly ChatMessage[];
  readonly isRunning: boolean;
  readonly children: ReactNode;
}

const RUNNING = { type: 'running' } as const;
const COMPLETE = { type: 'complete', reason: 'stop' } as const;

/** What was converted before: a conversation is converted anew with every piece of an answer. */
type ConvertedMessages = WeakMap<ChatMessage, ThreadMessage>;

export function ThreadProvider({ messages, isRunning, children, ...actions }: ThreadProviderProps) {
  const [converted] = useState<ConvertedMessages>(() => new WeakMap());
  const messageRepository = useMemo(() => toRepository(messages, converted), [messages, converted]);
  const runtime = useExternalStoreRuntime<ThreadMessage>({
    messageRepository,
    isRunning,
    // The server owns the history: there is nothing to set here, but without it nothing can be edited.
    setMessages: () => undefined,
    onNew: async (message) => actions.send(wordsOf(message)),
    onEdit: async (message) => {
      const edited = messages.find(({ id }) => id === message.sourceId);
      if (edited !== undefined) actions.edit(edited, wordsOf(message));
    },
    onReload: async (parentId) => actions.regenerate(parentId),
    onCancel: async () => actions.stop(),
  });
  return <AssistantRuntimeProvider runtime={runtime}>{children}</AssistantRuntimeProvider>;
}

/** The messages that are shown, by id, in order. */
export function useMessageIds(): readonly string[] {
  return unstable_useThreadMessageIds();
}

/** The message of the component that asks. */
export function useChatMessage(): ChatMessage {
  return useAuiState(({ message }) => message.metadata.custom.chatMessage as ChatMessage);
}

/** Whether the message of the component that asks is the last one. */
export function useIsLast(): boolean {
  return useAuiState(({ message }) => message.isLast);
}

/** Shows its children while the agent works, or while it does not. */
export function WhileRunning({ is, children }: { readonly is: boolean; readonly children: ReactNode }) {
  return <AuiIf condition={({ thread }) => thread.isRunning === is}>{children}</AuiIf>;
}

/** The text in the message box. */
export function useDraft(): string {
  return useAuiState(({ thread }) => thread.composer.text);
}

/** Puts a text into the message box. */
export function useSetDraft(): (text: string) => void {
  const aui = useAui();
  return (text) => aui.thread().composer().setText(text);
}

function toRepository(
  messages: readonly ChatMessage[],
  converted: ConvertedMessages,
): ExportedMessageRepository {
  const exported = messages.map((message, index) => ({
    message: convert(message, converted),
    parentId: messages[index - 1]?.id ?? null,
  }));
  return { headId: messages.at(-1)?.id ?? null, messages: exported };
}

function convert(chatMessage: ChatMessage, converted: ConvertedMessages): ThreadMessage {
  const known = converted.get(chatMessage);
  if (known !== undefined) return known;
  const { id, role, createdAt, state } = chatMessage;
  // The page draws the parts itself; this is for what copies and edits them.
  const content = [{ type: 'text' as const, text: textOf(chatMessage) }];
  const message = fromThreadMessageLike(
    {
      id,
      role,
      content,
      ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt) }),
      ...(role === 'assistant' ? { status: state === 'running' ? RUNNING : COMPLETE } : {}),
      metadata: { custom: { chatMessage } },
    },
    id,
    COMPLETE,
  );
  converted.set(chatMessage, message);
  return message;
}

function wordsOf({ content }: AppendMessage): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}
