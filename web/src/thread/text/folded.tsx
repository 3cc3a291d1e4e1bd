import { type ReactNode, useState } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';

interface FoldedProps {
  readonly text: string;
  /** How many characters are shown of a longer text. */
  readonly limit: number;
  readonly children: (shown: string) => ReactNode;
}

/** A long text is shown in part until the person asks for all of it: a page of it would hide the conversation. */
export function Folded({ text, limit, children }: FoldedProps) {
  const texts = useTexts().text;
  const [isOpen, setOpen] = useState(false);
  // A little more than the limit is not worth a button.
  const isLong = text.length > limit * 1.2;
  return (
    <>
      {children(isLong && !isOpen ? `${beginningOf(text, limit)}…` : text)}
      {isLong && (
        <button type="button" className="link fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? texts.showLess : texts.showAll(text.length)}
        </button>
      )}
    </>
  );
}

/** Up to the end of a line, or of a word, where there is one. */
function beginningOf(text: string, limit: number): string {
  const part = text.slice(0, limit);
  const end = part.lastIndexOf('\n') > limit / 2 ? part.lastIndexOf('\n') : part.lastIndexOf(' ');
  return part.slice(0, end > limit / 2 ? end : limit);
}
