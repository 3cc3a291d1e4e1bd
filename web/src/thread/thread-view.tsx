import { type ReactNode, useEffect, useState } from 'react';
import { useObservable } from '../observable.ts';
import { NOTHING_WRITTEN, type Written } from '../outbox/outgoing.ts';
import { sayFailure } from '../texts/say-failure.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { useWorkspace } from '../workspace.ts';
import { ThreadProvider } from './assistant.tsx';
import { focusMessageBox, MessageBox } from './composer/message-box.tsx';
import { ThreadHeader } from './header/thread-header.tsx';
import { MessageLog } from './message-log.tsx';
import { type MessageWindow, useWindow } from './scroll/use-window.ts';
import type { ThreadState } from './store/thread-state.ts';
import type { ThreadStore } from './store/thread-store.ts';
import { ThreadContext } from './thread-context.ts';

interface ThreadViewProps {
  readonly chatId: string;
  readonly isNew: boolean;
  readonly children: ReactNode;
}

/** One chat: its header, its messages, the message box. */
export function ThreadView({ chatId, isNew, children }: ThreadViewProps) {
  const workspace = useWorkspace();
  const [thread] = useState(() => workspace.thread(chatId, isNew));
  const state = useObservable(thread.state);
  const window = useWindow(state.messages, state.passage !== undefined);
  useEffect(() => thread.open(), [thread]);
  const send = (written: Written) => {
    if (workspace.navigation.nameNewChat(chatId)) {
      thread.draft.moveTo(chatId);
      // What was searched for before would hide it in the list.
      const { query, filter } = workspace.chats.state.get();
      if (query !== '') workspace.search('');
      if (filter !== undefined) workspace.filter(undefined);
    }
    window.moveToEnd();
    thread.send(written);
    workspace.navigation.leavePlace();
  };
  return (
    <ThreadContext value={thread}>
      <ThreadProvider messages={window.shown}>
        <main className="main" id="main" tabIndex={-1}>
          <ThreadHeader chatId={chatId} isNew={isNew} thread={thread}>
            {children}
          </ThreadHeader>
          <ThreadBody state={state} thread={thread} window={window} onSend={send} />
        </main>
      </ThreadProvider>
    </ThreadContext>
  );
}

function ThreadBody({
  state,
  thread,
  window,
  onSend,
}: {
  readonly state: ThreadState;
  readonly thread: ThreadStore;
  readonly window: MessageWindow;
  readonly onSend: (written: Written) => void;
}) {
  const { navigation } = useWorkspace();
  const texts = useTexts();
  const words = texts.thread;
  if (state.phase === 'missing') {
    return (
      <Notice icon="search" title={words.missing}>
        <p>{words.whyMissing}</p>
        <button type="button" className="button primary" onClick={() => navigation.goToNewChat()}>
          {words.beginNew}
        </button>
      </Notice>
    );
  }
  if (state.phase === 'deleted') {
    return (
      <Notice icon="trash" title={words.deleted}>
        <p>{state.error === undefined ? words.stillThere : sayFailure(texts, state.error)}</p>
        <button type="button" className="button primary" onClick={() => void thread.restore()}>
          {words.restore}
        </button>
      </Notice>
    );
  }
  return (
    <>
      <MessageLog
        state={state}
        window={window}
        onSend={(text) => {
          onSend({ ...NOTHING_WRITTEN, text });
          focusMessageBox();
        }}
      />
      <div className="thread-foot">
        {state.phase !== 'failed' && <ThreadNote state={state} thread={thread} />}
        <MessageBox onSend={onSend} />
      </div>
    </>
  );
}

/** What is wrong with the connection, or with what the person did last. */
function ThreadNote({ state, thread }: { readonly state: ThreadState; readonly thread: ThreadStore }) {
  const texts = useTexts();
  const failure = state.error && sayFailure(texts, state.error);
  const text = state.isReconnecting && state.live ? texts.thread.reconnecting : failure;
  return (
    <div className="thread-note" role="status">
      {text !== undefined && (
        <p>
          <Icon name="warning" /> {text}
          {state.error !== undefined && (
            <button type="button" className="link" onClick={() => thread.dismissError()}>
              {texts.common.dismiss}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
