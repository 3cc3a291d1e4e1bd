import {
  AssistantRuntimeProvider,
  type ExportedMessageRepository,
  fromThreadMessageLike,
  MessagePrimitive,
  type ThreadMessage,
  ThreadPrimitive,
  unstable_useThreadMessageIds,
  useAuiState,
  useExternalStoreRuntime,
} from '@assistant-ui/react';
import { type ReactNode, useMemo, useState } from 'react';
import { type ChatMessage, textOf } from './store/message.ts';

// The one file that knows assistant-ui (docs/decisions/009-the-page.md): its releases are pinned as a set, and what
// the page takes from it is what stands here.
export { MessagePrimitive as Message, ThreadPrimitive as Thread };

interface ThreadProviderProps {
  readonly messages: readonly ChatMessage[];
  readonly children: ReactNode;
}

const RUNNING = { type: 'running' } as const;
const COMPLETE = { type: 'complete', reason: 'stop' } as const;

/** What was converted before: a conversation is converted anew with every piece of an answer. */
type ConvertedMessages = WeakMap<ChatMessage, ThreadMessage>;

export function ThreadProvider({ messages, children }: ThreadProviderProps) {
  const [converted] = useState<ConvertedMessages>(() => new WeakMap());
  const messageRepository = useMemo(() => toRepository(messages, converted), [messages, converted]);
  const runtime = useExternalStoreRuntime<ThreadMessage>({
    messageRepository,
    // What the person does goes to the page's own stores.
    onNew: async () => undefined,
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
  // The page draws the parts itself.
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
