import { type ReactNode, useRef } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';
import { CopyButton } from './copy-button.tsx';

interface CodeBlockProps {
  readonly language: string | undefined;
  readonly children: ReactNode;
}

/** Code with its language, and a button that copies it. */
export function CodeBlock({ language, children }: CodeBlockProps) {
  const { text } = useTexts();
  const code = useRef<HTMLPreElement>(null);
  return (
    <div className="code">
      <div className="code-head">
        <span>{language || text.code}</span>
        <CopyButton label={text.copyCode} textOf={() => code.current?.textContent ?? ''} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, by the keyboard too. */}
      <pre ref={code} dir="auto" tabIndex={0}>
        {children}
      </pre>
    </div>
  );
}
