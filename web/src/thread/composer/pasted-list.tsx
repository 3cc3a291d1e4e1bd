import { useTexts } from '../../texts/texts-provider.tsx';
import { IconButton } from '../../ui/icon-button.tsx';

interface PastedListProps {
  readonly pasted: readonly string[];
  readonly onRemove: (index: number) => void;
}

/** The long texts that go with a message. */
export function PastedList({ pasted, onRemove }: PastedListProps) {
  const { composer } = useTexts();
  if (pasted.length === 0) return null;
  return (
    <ul className="pasted" aria-label={composer.pasted}>
      {pasted.map((text, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two of them may be the same.
        <li key={index}>
          <span dir="auto">{text.slice(0, 80)}</span>
          <small>{composer.characters(text.length)}</small>
          <IconButton icon="close" label={composer.removePasted} onClick={() => onRemove(index)} />
        </li>
      ))}
    </ul>
  );
}
