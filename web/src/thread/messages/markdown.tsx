import { type ComponentPropsWithoutRef, memo, type ReactNode, useRef, useState } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { IconButton } from '../../ui/icon-button.tsx';

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // Loading it would tell its server who reads this: the person may follow the link.
  img: ({ src, alt }) => (
    <a href={typeof src === 'string' ? src : undefined} target="_blank" rel="noopener noreferrer nofollow">
      {alt || 'image'}
    </a>
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, by the keyboard too.
    <section className="table" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </section>
  ),
};

/** Text of a model as Markdown; HTML in it is shown as text, and links to anything but web and mail lead nowhere. */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="markdown">
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </div>
  );
});

function CodeBlock({ children }: { readonly children: ReactNode }) {
  const code = useRef<HTMLPreElement>(null);
  const language = /language-(\S+)/.exec(classOf(children))?.[1];
  return (
    <div className="code">
      <div className="code-head">
        <span>{language ?? 'code'}</span>
        <CopyButton label="Copy the code" textOf={() => code.current?.textContent ?? ''} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, by the keyboard too. */}
      <pre ref={code} tabIndex={0}>
        {children}
      </pre>
    </div>
  );
}

function classOf(children: ReactNode): string {
  const props = (children as { readonly props?: ComponentPropsWithoutRef<'code'> } | null)?.props;
  return props?.className ?? '';
}

interface CopyButtonProps {
  readonly label: string;
  readonly textOf: () => string;
}

export function CopyButton({ label, textOf }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(textOf());
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <IconButton
      icon={isCopied ? 'check' : 'copy'}
      label={isCopied ? 'Copied' : label}
      onClick={() => copy().catch(() => undefined)}
    />
  );
}
