import { memo, type ReactNode, useEffect, useState } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';
import { useWorkspace } from '../../workspace.ts';
import { CopyButton } from './copy-button.tsx';
import type { CodeNode } from './highlighter.ts';

/** A longer block stays plain: its colours are thousands of elements. */
const HIGHLIGHTED_CHARACTERS = 50_000;

interface CodeBlockProps {
  readonly language: string | undefined;
  readonly text: string;
  /** It is on its way: colours come when it is whole, for each piece would make them anew. */
  readonly isOpen?: boolean;
}

/** Code with its language, and a button that copies it. */
export const CodeBlock = memo(function CodeBlock({ language = '', text, isOpen = false }: CodeBlockProps) {
  const texts = useTexts().text;
  const nodes = useHighlighted(isOpen ? '' : language.toLowerCase(), text);
  return (
    <div className="code">
      <div className="code-head">
        <span>{language || texts.code}</span>
        <CopyButton label={texts.copyCode} textOf={() => text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, by the keyboard too. */}
      <pre dir="auto" tabIndex={0}>
        <code>{nodes?.map(toSpan) ?? text}</code>
      </pre>
    </div>
  );
});

/** @returns undefined: it is plain, or not known yet. */
function useHighlighted(language: string, text: string): readonly CodeNode[] | undefined {
  const { highlighter } = useWorkspace().libraries;
  const [nodes, setNodes] = useState<readonly CodeNode[]>();
  useEffect(() => {
    setNodes(undefined);
    if (language === '' || text.length > HIGHLIGHTED_CHARACTERS) return;
    let isCurrent = true;
    void highlighter.highlight({ language, text }).then((found) => isCurrent && setNodes(found));
    return () => {
      isCurrent = false;
    };
  }, [highlighter, language, text]);
  return nodes;
}

function toSpan(node: CodeNode, place: number): ReactNode {
  if (typeof node === 'string') return node;
  return (
    <span key={place} className={node.className}>
      {node.children.map(toSpan)}
    </span>
  );
}
