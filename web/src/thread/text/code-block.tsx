import { useTexts } from '../../texts/texts-provider.tsx';
import { useWorkspace } from '../../workspace.ts';
import { CopyButton } from './copy-button.tsx';
import { useOnDemand } from './libraries.ts';

/** A longer block stays plain: its colours are thousands of elements. */
const HIGHLIGHTED_CHARACTERS = 50_000;

interface CodeBlockProps {
  readonly language: string | undefined;
  readonly text: string;
  /** It is on its way: colours come when it is whole, for each piece would make them anew. */
  readonly isOpen?: boolean;
}

/** Code with its language, and a button that copies it. */
export function CodeBlock({ language = '', text, isOpen = false }: CodeBlockProps) {
  const texts = useTexts().text;
  const isHighlighted = language !== '' && !isOpen && text.length <= HIGHLIGHTED_CHARACTERS;
  const highlighting = useOnDemand(useWorkspace().libraries.highlighting, isHighlighted);
  return (
    <div className="code">
      <div className="code-head">
        <span>{language || texts.code}</span>
        <CopyButton label={texts.copyCode} textOf={() => text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, by the keyboard too. */}
      <pre dir="auto" tabIndex={0}>
        {highlighting === undefined ? (
          <code>{text}</code>
        ) : (
          <highlighting.HighlightedCode language={language.toLowerCase()} text={text} />
        )}
      </pre>
    </div>
  );
}
