import { type ReactNode, useEffect } from 'react';
import { agentOf } from '../../agents.ts';
import { titleOf } from '../../chats/chat-row.tsx';
import { useObservable } from '../../observable.ts';
import type { Texts } from '../../texts/en.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useWorkspace } from '../../workspace.ts';
import { UsageLine } from '../messages/usage-line.tsx';
import type { ThreadStore } from '../store/thread-store.ts';
import { AgentPicker } from './agent-picker.tsx';
import { DetailsButton } from './details-button.tsx';
import { OriginLink } from './origin-link.tsx';

interface ThreadHeaderProps {
  readonly chatId: string;
  readonly isNew: boolean;
  readonly thread: ThreadStore;
  readonly children: ReactNode;
}

export function ThreadHeader({ chatId, isNew, thread, children }: ThreadHeaderProps) {
  const { chats, agents, client, toasts } = useWorkspace();
  const texts = useTexts();
  const words = texts.thread;
  const listed = useObservable(chats.state).chats.find((chat) => chat.chat_id === chatId);
  const state = useObservable(thread.state);
  const known = useObservable(agents.known);
  const agent = agentOf(state, known);
  // The list knows a new title first; it may not hold this chat at all.
  const title = titleShown(listed === undefined ? state.title : listed.title, isNew, texts);
  useEffect(() => {
    document.title = isNew ? 'Questlog' : `${title} · Questlog`;
  }, [title, isNew]);
  const save = (form: 'markdown' | 'json', button: HTMLElement) => {
    closeMenu(button.closest('details'));
    import('../export.ts')
      .then(({ exportChat }) => exportChat(client, chatId, form, texts))
      .catch(() => toasts.show(words.notExported));
  };
  return (
    <header className="bar">
      {children}
      <h1 dir="auto" title={title}>
        {title}
      </h1>
      {state.forkedFrom && <OriginLink key={state.forkedFrom.chat_id} chatId={state.forkedFrom.chat_id} />}
      {agent !== undefined && known.length > 1 && (
        <AgentPicker agents={known} current={agent} onPick={(name) => thread.pickAgent(name)} />
      )}
      {agent !== undefined && (
        <span
          className="model"
          data-offline={agent.model.offline}
          title={words.model(agent.title, agent.model.name)}
        >
          {agent.model.offline ? words.offline : agent.model.name}
        </span>
      )}
      {!isNew && state.phase === 'ready' && (
        <DetailsButton chatId={chatId} title={title} listed={listed} state={state} />
      )}
      {!isNew && state.phase !== 'missing' && (
        <details className="menu" onBlur={closeWhenLeft} onKeyDown={closeOnEscape}>
          <summary aria-label={words.export} title={words.export}>
            <Icon name="download" />
          </summary>
          <div className="menu-list">
            <button type="button" onClick={(event) => save('markdown', event.currentTarget)}>
              {words.exportMarkdown}
            </button>
            <button type="button" onClick={(event) => save('json', event.currentTarget)}>
              {words.exportJson}
            </button>
            {state.usage !== undefined && <UsageLine usage={state.usage} />}
          </div>
        </details>
      )}
    </header>
  );
}

function titleShown(title: string | null | undefined, isNew: boolean, texts: Texts): string {
  if (title !== undefined) return titleOf({ title }, texts);
  return isNew ? texts.common.newChat : texts.chats.unknown;
}

function closeWhenLeft({ currentTarget, relatedTarget }: React.FocusEvent<HTMLDetailsElement>): void {
  if (!currentTarget.contains(relatedTarget)) currentTarget.open = false;
}

function closeOnEscape({ key, currentTarget }: React.KeyboardEvent<HTMLDetailsElement>): void {
  if (key === 'Escape') closeMenu(currentTarget);
}

/** What was chosen in it is hidden: the focus goes to what opened it. */
function closeMenu(menu: HTMLDetailsElement | null): void {
  menu?.querySelector('summary')?.focus();
  menu?.removeAttribute('open');
}
