import type { SearchResult } from 'questlog/client';
import { pathOfChat } from '../../navigation.ts';
import { useObservable } from '../../observable.ts';
import { useLocale, useTexts } from '../../texts/texts-provider.tsx';
import { useWorkspace } from '../../workspace.ts';
import { titleOf } from '../chat-row.tsx';
import { ListFailure } from '../list-failure.tsx';

interface FoundListProps {
  readonly results: readonly SearchResult[];
  /** The row that Tab leads to. */
  readonly stop: string | undefined;
}

/** So many characters stand before the first place that fits. */
const MAX_BEFORE = 30;

/** A name for the row of a result in the list. */
export function rowIdOf({ chat_id, position }: SearchResult): string {
  return `${chat_id}@${position}`;
}

/** What was said and has what the person looks for, below the chats whose titles do. */
export function FoundList({ results, stop }: FoundListProps) {
  const { found } = useWorkspace();
  const { found: texts } = useTexts();
  const { phase } = useObservable(found.state);
  if (phase === 'none') return null;
  return (
    <section aria-label={texts.title} aria-busy={phase === 'loading'}>
      <h2>{texts.title}</h2>
      <ul>
        {results.map((result) => (
          <FoundRow key={rowIdOf(result)} result={result} isStop={rowIdOf(result) === stop} />
        ))}
      </ul>
      <FoundNote count={results.length} />
    </section>
  );
}

function FoundRow({ result, isStop }: { readonly result: SearchResult; readonly isStop: boolean }) {
  const { navigation } = useWorkspace();
  const texts = useTexts();
  const locale = useLocale();
  const place = useObservable(navigation.place);
  const { chat_id, position, snippet, created_at } = result;
  const isCurrent = place.view === 'chat' && place.chatId === chat_id && place.at === position;
  return (
    <li className="found" data-chat-id={rowIdOf(result)} data-current={isCurrent}>
      <a
        href={pathOfChat(chat_id, position)}
        tabIndex={isStop ? 0 : -1}
        aria-current={isCurrent ? 'location' : undefined}
        onClick={(event) => navigation.follow(event)}
      >
        <strong dir="auto">{titleOf(result, texts)}</strong>
        <time dateTime={created_at}>{new Date(created_at).toLocaleDateString(locale)}</time>
        {position !== null && <Snippet {...snippet} />}
      </a>
    </li>
  );
}

/** The text around what was found; that is marked, and nothing in it is markup. */
function Snippet({ text, highlights }: SearchResult['snippet']) {
  const begin = beginOf(text, highlights[0]?.start ?? 0);
  const before = (index: number) => text.slice(highlights[index - 1]?.end ?? begin, highlights[index]?.start);
  return (
    <span dir="auto">
      {begin > 0 && '…'}
      {highlights.map(({ start, end }, index) => [
        before(index),
        <mark key={start}>{text.slice(start, end)}</mark>,
      ])}
      {before(highlights.length)}
    </span>
  );
}

/** Few lines are shown: the first place that fits is in the first of them. */
function beginOf(text: string, first: number): number {
  if (first <= MAX_BEFORE) return 0;
  const word = text.indexOf(' ', first - MAX_BEFORE) + 1;
  return word > 0 && word <= first ? word : first;
}

function FoundNote({ count }: { readonly count: number }) {
  const { found } = useWorkspace();
  const texts = useTexts();
  const { phase, error, nextCursor, isComplete } = useObservable(found.state);
  if (phase === 'failed') return <ListFailure error={error} onAgain={() => void found.again()} />;
  const isLoading = phase === 'loading';
  const none = count === 0 ? texts.found.none : texts.found.count(count);
  return (
    <div className="list-note">
      {/* Said when it changes. */}
      <p role="status" className={isLoading || count === 0 ? undefined : 'hidden'}>
        {isLoading ? texts.found.loading : none}
      </p>
      {!isLoading && !isComplete && (
        <>
          <p>{texts.found.incomplete}</p>
          <button type="button" className="button" onClick={() => void found.again()}>
            {texts.found.again}
          </button>
        </>
      )}
      {nextCursor !== null && (
        <button
          type="button"
          className="button"
          aria-disabled={isLoading}
          onClick={() => void found.loadMore()}
        >
          {texts.found.more}
        </button>
      )}
    </div>
  );
}
