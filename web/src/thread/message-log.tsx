import { Fragment, useEffect, useRef, useState } from 'react';
import { agentOf } from '../agents.ts';
import type { Failure } from '../failure.ts';
import { useObservable } from '../observable.ts';
import { SHORTCUTS } from '../shortcuts/shortcuts.ts';
import { useKeyNames } from '../shortcuts/use-key-names.ts';
import { sayFailure } from '../texts/say-failure.ts';
import { useTexts } from '../texts/texts-provider.tsx';
import favicon from '../ui/favicon.svg';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { useSeen } from '../ui/use-seen.ts';
import { useWorkspace } from '../workspace.ts';
import { Thread, useMessageIds } from './assistant.tsx';
import { DayMark, findDays } from './day-mark.tsx';
import { AlternativeSwitch } from './messages/alternative-switch.tsx';
import { AnswerStatus } from './messages/answer-status.tsx';
import { MessageView } from './messages/message-view.tsx';
import { useEnds } from './scroll/use-ends.ts';
import { useKeptPlace } from './scroll/use-kept-place.ts';
import { MarkProvider, usePlace } from './scroll/use-place.ts';
import type { MessageWindow } from './scroll/use-window.ts';
import { shownOf } from './store/history.ts';
import { textOf } from './store/message.ts';
import { isBusy, type ThreadState } from './store/thread-state.ts';
import { useThread } from './thread-context.ts';

interface MessageLogProps {
  readonly state: ThreadState;
  readonly window: MessageWindow;
  readonly onSend: (text: string) => void;
}

const SETTLING_MS = 300;
const ANNOUNCED_CHARACTERS = 200;

const COMPONENTS = { Message: MessageView };

/** The messages: the newest first, older ones when the person scrolls up to them. */
export function MessageLog({ state, window, onSend }: MessageLogProps) {
  const thread = useThread();
  const { thread: texts } = useTexts();
  const viewport = useRef<HTMLDivElement>(null);
  const isWaiting = state.phase === 'loading';
  const end = state.points.find(({ position }) => position === null);
  useKeptPlace(viewport);
  const isSettled = useSettled(isWaiting);
  const { shown, before, hasBefore, hasAfter } = window;
  const hasNewer = state.passage !== undefined;
  const { hasOlder } = shownOf(state);
  const wantsOlder = isSettled && !state.isLoadingNewer && (hasBefore || (hasOlder && !state.isLoadingOlder));
  const older = useSeen<HTMLDivElement>(
    () => (hasBefore ? window.moveUp() : void thread.history.loadOlder()),
    wantsOlder,
    shown[0]?.id,
  );
  const newer = useSeen<HTMLDivElement>(
    () => (hasAfter ? window.moveDown() : void thread.history.loadNewer()),
    hasAfter || (hasNewer && !state.isLoadingNewer),
    shown.at(-1)?.id,
  );
  const ends = useEnds(viewport, older, window);
  const mark = usePlace(viewport, window, isSettled && state.phase === 'ready');
  return (
    <div className="log-frame">
      <Thread.Viewport
        ref={viewport}
        className="log"
        data-scrolls
        role="log"
        // It would be read out with every piece of an answer.
        aria-live="off"
        // The end of what is drawn is not that of the chat.
        autoScroll={!hasAfter && !hasNewer}
        aria-label={texts.messages}
        aria-busy={state.live !== undefined}
        tabIndex={0}
      >
        <div ref={older} className="older">
          {state.isLoadingOlder && texts.loadingOlder}
        </div>
        {isWaiting && <Waiting />}
        {state.phase === 'failed' && <Unreachable why={state.error} onRetry={() => void thread.refresh()} />}
        {state.phase === 'ready' && state.messages.length === 0 && <Welcome onSend={onSend} />}
        <MarkProvider value={mark}>
          <MessageList days={findDays(before, shown, !hasOlder)} />
        </MarkProvider>
        {end !== undefined && !isBusy(state) && (
          <div className="message-bar">
            <AlternativeSwitch point={end} />
          </div>
        )}
        <div ref={newer} className="older">
          {state.isLoadingNewer && texts.loadingNewer}
        </div>
      </Thread.Viewport>
      <AnswerStatus state={state} />
      <p className="hidden" role="status">
        {mark && texts.ledTo(textOf(mark.message).slice(0, ANNOUNCED_CHARACTERS))}
      </p>
      {(hasBefore || hasOlder || !ends.isAtFirst) && <ToFirst onClick={ends.goToFirst} />}
      <ToNewest isBelow={hasAfter || hasNewer} onClick={ends.goToNewest} />
    </div>
  );
}

/** The log opens at its top and goes to its end at once: what it passes on the way was not asked for. */
function useSettled(isWaiting: boolean): boolean {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    if (isWaiting) return;
    const timer = setTimeout(() => setSettled(true), SETTLING_MS);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  return isSettled;
}

/** By their ids: what is drawn stays what it is when older messages come before it. */
function MessageList({ days }: { readonly days: ReadonlyMap<string, Date> }) {
  return useMessageIds().map((id) => (
    <Fragment key={id}>
      <DayMark date={days.get(id)} />
      <Thread.Unstable_MessageById messageId={id} components={COMPONENTS} />
    </Fragment>
  ));
}

/** @param isBelow the newest message is below all that is drawn: the end of that is not the chat's. */
function ToNewest({ isBelow, onClick }: { readonly isBelow: boolean; readonly onClick: () => void }) {
  const { thread: texts } = useTexts();
  const props = {
    className: 'to-bottom',
    'aria-label': texts.toNewest,
    title: texts.newest,
    onClick,
    children: <Icon name="down" />,
  };
  return isBelow ? <button type="button" {...props} /> : <Thread.ScrollToBottom {...props} />;
}

function ToFirst({ onClick }: { readonly onClick: () => void }) {
  const { toFirst } = useTexts().thread;
  const nameOf = useKeyNames();
  return (
    <button
      type="button"
      className="to-first"
      aria-label={toFirst}
      title={`${toFirst} (${nameOf(SHORTCUTS.chat.first)})`}
      onClick={onClick}
    >
      <Icon name="up" />
    </button>
  );
}

/** What was written waits below. */
function Unreachable({ why, onRetry }: { readonly why: Failure | undefined; readonly onRetry: () => void }) {
  const texts = useTexts();
  return (
    <Notice icon="warning" title={texts.thread.notLoaded}>
      <p>{why && sayFailure(texts, why)}</p>
      <button type="button" className="button primary" onClick={onRetry}>
        {texts.common.tryAgain}
      </button>
    </Notice>
  );
}

function Waiting() {
  const { thread } = useTexts();
  return (
    <div className="skeletons log-skeletons" role="status" aria-label={thread.loading}>
      {[38, 82, 70, 30, 76, 64].map((width) => (
        <span key={width} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

function Welcome({ onSend }: { readonly onSend: (text: string) => void }) {
  const { thread } = useTexts();
  const known = useObservable(useWorkspace().agents.known);
  const agent = agentOf(useObservable(useThread().state), known);
  return (
    <div className="welcome">
      <img src={favicon} alt="" width="56" height="56" />
      <h2>{agent?.title ?? 'Questlog'}</h2>
      <p>{agent?.description ?? thread.welcome}</p>
      {agent?.model.offline && <p className="offline-note">{thread.whatOffline}</p>}
      <ul className="ideas">
        {agent?.suggestions.map((idea) => (
          <li key={idea}>
            <button type="button" className="button" onClick={() => onSend(idea)}>
              {idea}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
