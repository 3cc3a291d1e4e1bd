import { memo, useState } from 'react';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Message, useChatMessage, useIsLast } from '../assistant.tsx';
import { focusMessageBox } from '../composer/message-box.tsx';
import { type ChatMessage, type Part, textOf } from '../store/message.ts';
import { useThread } from '../thread-context.ts';
import { EditBox } from './edit-box.tsx';
import { CopyButton, Markdown } from './markdown.tsx';
import { RunNote } from './run-note.tsx';
import { ToolCard } from './tool-card.tsx';
import { Unsent } from './unsent.tsx';

/** A message with what can be done about it. */
export function MessageView() {
  const message = useChatMessage();
  const { messages } = useThread().state.get();
  const [isEditing, setEditing] = useState(false);
  // The last that is drawn may have others after it.
  const isLast = useIsLast() && messages.at(-1)?.id === message.id;
  return (
    <Message.Root className="message" data-role={message.role}>
      {isEditing ? (
        <EditBox message={message} onEnd={() => setEditing(false)} />
      ) : (
        <MessageBody message={message} />
      )}
      {message.unsent !== undefined && <Unsent message={message.unsent} />}
      {message.run !== undefined && <RunNote run={message.run} parts={message.parts} isLast={isLast} />}
      {message.state === 'running' && <Responding hasParts={message.parts.length > 0} />}
      {message.state !== 'running' && !isEditing && (
        <MessageBar message={message} onEdit={() => setEditing(true)} />
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

function MessageBar({ message, onEdit }: { readonly message: ChatMessage; readonly onEdit: () => void }) {
  const isLast = useIsLast();
  const thread = useThread();
  if (message.from === undefined || message.role === 'system') return null;
  const answerAgain = () => {
    thread.answerAgain(message);
    focusMessageBox();
  };
  return (
    <div className="message-bar" data-last={isLast}>
      <CopyButton label="Copy the message" textOf={() => textOf(message)} />
      {message.role === 'user' ? (
        <IconButton icon="edit" label="Edit and send again" onClick={onEdit} />
      ) : (
        <IconButton icon="again" label="Answer again" onClick={answerAgain} />
      )}
    </div>
  );
}
