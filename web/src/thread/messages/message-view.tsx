import { memo } from 'react';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Actions, Composer, Message, useChatMessage, useIsLast, useSetDraft } from '../assistant.tsx';
import { type ChatMessage, type Part, textOf } from '../store/message.ts';
import { useThread } from '../thread-context.ts';
import { CopyButton, Markdown } from './markdown.tsx';
import { RunNote } from './run-note.tsx';
import { ToolCard } from './tool-card.tsx';

/** A message with what can be done about it. */
export function MessageView() {
  const message = useChatMessage();
  const { messages } = useThread().state.get();
  // The last that is drawn may have others after it.
  const isLast = useIsLast() && messages.at(-1)?.id === message.id;
  return (
    <Message.Root className="message" data-role={message.role}>
      <MessageBody message={message} />
      {message.unsent !== undefined && <Unsent error={message.unsent.error} />}
      {message.run !== undefined && <RunNote run={message.run} isLast={isLast} />}
      {message.state === 'running' ? (
        <Responding hasParts={message.parts.length > 0} />
      ) : (
        <MessageBar message={message} />
      )}
    </Message.Root>
  );
}

const AUTHORS = { user: 'You said:', assistant: 'The agent said:', system: 'Note:' } as const;

/** Drawn again only when the message has changed. */
const MessageBody = memo(function MessageBody({ message }: { readonly message: ChatMessage }) {
  return (
    <div className="message-body">
      <span className="hidden">{AUTHORS[message.role]}</span>
      {message.isBlocked && <p className="blocked">Blocked: this message was not given to the model.</p>}
      {message.parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts are only added at the end.
        <PartView key={index} part={part} role={message.role} />
      ))}
      {message.state === 'incomplete' && <p className="cut-off">This answer was cut off.</p>}
    </div>
  );
});

function PartView({ part, role }: { readonly part: Part; readonly role: ChatMessage['role'] }) {
  switch (part.type) {
    case 'text':
      return role === 'user' ? <p className="said">{part.text}</p> : <Markdown text={part.text} />;
    case 'reasoning':
      return (
        <details className="reasoning">
          <summary>Reasoning</summary>
          <Markdown text={part.text} />
        </details>
      );
    case 'tool':
      return <ToolCard part={part} />;
    case 'handoff':
      return (
        <p className="handoff">
          <Icon name="handoff" /> Handed over to <strong>{part.agent}</strong>
        </p>
      );
  }
}

function Responding({ hasParts }: { readonly hasParts: boolean }) {
  return (
    <p className="responding" role="status">
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className={hasParts ? 'hidden' : undefined}>The agent is thinking…</span>
    </p>
  );
}

function MessageBar({ message }: { readonly message: ChatMessage }) {
  const isLast = useIsLast();
  if (message.from === undefined || message.role === 'system') return null;
  return (
    <div className="message-bar" data-last={isLast}>
      <CopyButton label="Copy the message" textOf={() => textOf(message)} />
      {message.role === 'user' ? (
        <Actions.Edit asChild>
          <IconButton icon="edit" label="Edit and send again" />
        </Actions.Edit>
      ) : (
        <Actions.Reload asChild>
          <IconButton icon="again" label="Answer again" />
        </Actions.Reload>
      )}
    </div>
  );
}

function Unsent({ error }: { readonly error: string | undefined }) {
  const thread = useThread();
  const setDraft = useSetDraft();
  if (error === undefined) return <p className="unsent">Sending…</p>;
  return (
    <div className="problem" role="alert">
      <p>
        <Icon name="warning" /> Not sent. {error}
      </p>
      <button type="button" className="button" onClick={() => void thread.retrySending()}>
        Try again
      </button>
      <button type="button" className="button" onClick={() => setDraft(thread.discardUnsent() ?? '')}>
        Back to the message box
      </button>
    </div>
  );
}

/** In the place of a message that is being changed. */
export function EditBox() {
  return (
    <Message.Root className="message" data-role="user">
      <Composer.Root className="composer editing">
        <Composer.Input aria-label="Edit the message" autoFocus maxRows={12} addAttachmentOnPaste={false} />
        <p className="hint">Everything after this message is replaced by the new answer.</p>
        <div className="composer-actions">
          <Composer.Cancel className="button">Cancel</Composer.Cancel>
          <Composer.Send className="button primary">Send</Composer.Send>
        </div>
      </Composer.Root>
    </Message.Root>
  );
}
