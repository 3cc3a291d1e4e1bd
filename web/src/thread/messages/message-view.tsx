import { memo, useRef, useState } from 'react';
import { Filled } from '../../texts/filled.tsx';
import { useTexts } from '../../texts/texts-provider.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import { Message, useChatMessage, useIsLast } from '../assistant.tsx';
import { focusMessageBox } from '../composer/message-box.tsx';
import { FileList } from '../files/file-list.tsx';
import { useMarked } from '../scroll/use-place.ts';
import { type ChatMessage, type Part, textOf } from '../store/message.ts';
import { CopyButton } from '../text/copy-button.tsx';
import { Folded } from '../text/folded.tsx';
import { Markdown } from '../text/markdown.tsx';
import { Said } from '../text/said.tsx';
import { useThread } from '../thread-context.ts';
import { AlternativeSwitch } from './alternative-switch.tsx';
import { Feedback } from './bar/feedback.tsx';
import { ForkButton } from './bar/fork-button.tsx';
import { EditBox } from './edit-box.tsx';
import { RunNote } from './run-note.tsx';
import { ToolCard } from './tool-card.tsx';
import { Unsent } from './unsent.tsx';
import { UsageLine } from './usage-line.tsx';

/** A message with what can be done about it. */
export function MessageView() {
  const { navigation } = useWorkspace();
  const message = useChatMessage();
  const { messages, passage } = useThread().state.get();
  const [editing, setEditing] = useState<'no' | 'now' | 'cancelled'>('no');
  const element = useRef<HTMLDivElement>(null);
  const isMarked = useMarked(message, element);
  const goOn = () => {
    setEditing('no');
    // What stood there is replaced.
    navigation.leavePlace();
  };
  const isEditing = editing === 'now';
  // The last that is drawn may have others after it.
  const isLast = useIsLast() && passage === undefined && messages.at(-1)?.id === message.id;
  return (
    <Message.Root
      ref={element}
      className="message"
      data-role={message.role}
      data-marked={isMarked || undefined}
    >
      {isEditing ? (
        <EditBox message={message} onSent={goOn} onCancel={() => setEditing('cancelled')} />
      ) : (
        <MessageBody message={message} />
      )}
      {message.unsent !== undefined && <Unsent message={message.unsent} />}
      {message.run !== undefined && <RunNote run={message.run} parts={message.parts} isLast={isLast} />}
      {message.state === 'running' && <Responding hasParts={message.parts.length > 0} />}
      {message.state !== 'running' && !isEditing && (
        <MessageBar message={message} wasEdited={editing === 'cancelled'} onEdit={() => setEditing('now')} />
      )}
    </Message.Root>
  );
}

/** Longer answers are for saving, not for reading at once. */
const SHOWN_CHARACTERS = 100_000;

/** Drawn again only when the message has changed. */
const MessageBody = memo(function MessageBody({ message }: { readonly message: ChatMessage }) {
  const { message: texts } = useTexts();
  return (
    <div className="message-body">
      <span className="hidden">{texts.said[message.role]}</span>
      {message.isBlocked && <p className="blocked">{texts.blocked}</p>}
      {message.parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts are only added at the end.
        <PartView key={index} part={part} role={message.role} />
      ))}
      {message.state === 'incomplete' && message.run === undefined && (
        <p className="cut-off">{texts.cutOff}</p>
      )}
    </div>
  );
});

function PartView({ part, role }: { readonly part: Part; readonly role: ChatMessage['role'] }) {
  const { message: texts } = useTexts();
  switch (part.type) {
    case 'text':
      return role === 'user' ? <Said text={part.text} /> : <Answer text={part.text} />;
    case 'reasoning':
      return (
        <details className="reasoning">
          <summary>
            <Icon name="chevron" /> {texts.reasoning}
          </summary>
          <Markdown text={part.text} />
        </details>
      );
    case 'tool':
      return <ToolCard part={part} />;
    case 'files':
      return <FileList files={part.files} />;
    case 'handoff':
      return (
        <p className="handoff">
          <Icon name="handoff" />{' '}
          <Filled text={texts.handedOver} parts={{ agent: <strong>{part.agent}</strong> }} />
        </p>
      );
  }
}

function Answer({ text }: { readonly text: string }) {
  return (
    <Folded text={text} limit={SHOWN_CHARACTERS}>
      {(shown) => <Markdown text={shown} />}
    </Folded>
  );
}

function Responding({ hasParts }: { readonly hasParts: boolean }) {
  const { message } = useTexts();
  return (
    <p className="responding">
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className={hasParts ? 'hidden' : undefined}>{message.thinking}</span>
    </p>
  );
}

interface MessageBarProps {
  readonly message: ChatMessage;
  /** The person was in the box here, and comes back. */
  readonly wasEdited: boolean;
  readonly onEdit: () => void;
}

function MessageBar({ message, wasEdited, onEdit }: MessageBarProps) {
  const isLast = useIsLast();
  const thread = useThread();
  const { message: texts } = useTexts();
  if (message.from === undefined || message.role === 'system') return null;
  const answerAgain = () => {
    void thread.answerAgain(message);
    focusMessageBox();
  };
  return (
    <div className="message-bar" data-last={isLast}>
      {message.point !== undefined && <AlternativeSwitch point={message.point} />}
      <CopyButton label={texts.copy} textOf={() => textOf(message)} />
      {message.role === 'user' ? (
        <IconButton icon="edit" label={texts.edit} autoFocus={wasEdited} onClick={onEdit} />
      ) : (
        <IconButton icon="again" label={texts.again} onClick={answerAgain} />
      )}
      {message.to !== undefined && <ForkButton position={message.to} />}
      {message.rated !== undefined && <Feedback {...message.rated} />}
      {message.cost !== undefined && <UsageLine {...message.cost} />}
    </div>
  );
}
