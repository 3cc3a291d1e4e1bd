import { useId, useRef, useState } from 'react';
import { useObservable } from '../../observable.ts';
import { SHORTCUTS, shortcutOf } from '../../shortcuts/shortcuts.ts';
import { useDataTexts } from '../../texts/data-texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { useWorkspace } from '../../workspace.ts';
import { MAX_TAG_LENGTH, withTag } from './tags.ts';

interface TagEditorProps {
  readonly tags: readonly string[];
  /** What is being written, and is no tag yet. */
  readonly written: string;
  readonly onWrite: (text: string) => void;
  readonly onChange: (tags: readonly string[]) => void;
  /** The chats with a tag are wanted. */
  readonly onShow: (tag: string) => void;
}

/** The tags of a chat: Enter or a comma makes one of what was written. */
export function TagEditor({ tags, written, onWrite, onChange, onShow }: TagEditorProps) {
  const { details: words } = useDataTexts();
  const known = useObservable(useWorkspace().chats.state).tags;
  const [isFull, setFull] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const add = (text: string) => {
    const more = withTag(tags, text);
    setFull(more === undefined);
    if (more === undefined) return;
    onChange(more);
    onWrite('');
  };
  const remove = (tag: string) => {
    setFull(false);
    onChange(tags.filter((other) => other !== tag));
    input.current?.focus();
  };
  return (
    <section aria-label={words.tags}>
      <h3>{words.tags}</h3>
      {tags.length === 0 ? (
        <p className="hint">{words.none}</p>
      ) : (
        <ul className="tags">
          {tags.map((tag) => (
            <li key={tag}>
              <button type="button" className="link" title={words.show(tag)} onClick={() => onShow(tag)}>
                <bdi>{tag}</bdi>
              </button>
              <IconButton icon="close" label={words.remove(tag)} onClick={() => remove(tag)} />
            </li>
          ))}
        </ul>
      )}
      <label htmlFor={id}>{words.add}</label>
      <div className="line">
        <input
          ref={input}
          id={id}
          dir="auto"
          autoComplete="off"
          list={`${id}-known`}
          maxLength={MAX_TAG_LENGTH}
          value={written}
          onChange={({ currentTarget: { value } }) => (value.includes(',') ? add(value) : onWrite(value))}
          onKeyDown={(event) => {
            if (written.trim() === '' || shortcutOf(SHORTCUTS.editing, event.nativeEvent) !== 'keep') return;
            event.preventDefault();
            add(written);
          }}
        />
        <datalist id={`${id}-known`}>
          {known
            .filter((tag) => !tags.includes(tag))
            .map((tag) => (
              <option key={tag} value={tag} />
            ))}
        </datalist>
        <button
          type="button"
          className="button"
          onClick={() => {
            add(written);
            input.current?.focus();
          }}
        >
          {words.addAction}
        </button>
      </div>
      {isFull && (
        <p role="alert" className="hint">
          {words.tooMany}
        </p>
      )}
    </section>
  );
}
