import { useObservable } from '../../observable.ts';
import { useTexts } from '../../texts/texts-provider.tsx';
import { useWorkspace } from '../../workspace.ts';
import type { ChatFilter } from '../chat-list-store.ts';

/** Chooses which chats are listed, where there is a choice. */
export function TagFilter() {
  const workspace = useWorkspace();
  const { chats: texts } = useTexts();
  const { tags, filter } = useObservable(workspace.chats.state);
  const name = nameOf(filter);
  if (tags.length === 0 && name === undefined) return null;
  const isTag = filter?.tags !== undefined;
  return (
    <select
      className="tag-filter"
      aria-label={texts.filter}
      value={name === undefined ? '' : isTag ? `#${name}` : 'other'}
      onChange={({ currentTarget: { value } }) => {
        if (value !== 'other') workspace.filter(value === '' ? undefined : { tags: [value.slice(1)] });
      }}
    >
      <option value="">{texts.all}</option>
      {[...new Set([...tags, ...(isTag && name !== undefined ? [name] : [])])].map((tag) => (
        <option key={tag} value={`#${tag}`}>
          {tag}
        </option>
      ))}
      {name !== undefined && !isTag && <option value="other">{name}</option>}
    </select>
  );
}

/** What a filter asks for. Undefined: nothing. */
function nameOf({ tags, metadata }: ChatFilter = {}): string | undefined {
  return (
    tags?.join(', ') ??
    (metadata &&
      Object.entries(metadata)
        .map((member) => member.join(': '))
        .join(', '))
  );
}
