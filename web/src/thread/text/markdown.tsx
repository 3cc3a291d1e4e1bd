import {
  type ComponentPropsWithoutRef,
  createElement,
  type MouseEvent,
  memo,
  type ReactNode,
  useId,
} from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { useTexts } from '../../texts/texts-provider.tsx';
import { CodeBlock } from './code-block.tsx';

const PLUGINS = [remarkGfm];

/** Each takes its side from its own text; lines take their direction by `markdown.css`. */
const SIDED = ['ul', 'ol', 'blockquote'] as const;

const COMPONENTS: Components = {
  ...Object.fromEntries(SIDED.map((tag) => [tag, withDirection(tag)])),
  a: ({ node: _node, href, children, ...rest }) =>
    href?.startsWith('#') ? (
      <a {...rest} href={href} onClick={goWithinPage}>
        {children}
      </a>
    ) : (
      <Outside href={href}>{children}</Outside>
    ),
  // Loading it would tell its server who reads this: the person may follow the link.
  img: Picture,
  input: TaskBox,
  pre: ({ children }) => (
    <CodeBlock language={/language-(\S+)/.exec(classOf(children))?.[1]}>{children}</CodeBlock>
  ),
  table: Table,
};

/** Text of a model as Markdown; HTML in it is shown as text, and addresses of anything but web and mail are no links. */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  // Footnotes of other messages have the same names.
  const clobberPrefix = `${useId()}-`;
  const { text: texts } = useTexts();
  return (
    <div className="markdown">
      <ReactMarkdown
        remarkPlugins={PLUGINS}
        remarkRehypeOptions={{
          clobberPrefix,
          footnoteLabel: texts.footnotes,
          footnoteBackLabel: (index: number, again: number) =>
            texts.toReference(again > 1 ? `${index + 1}-${again}` : `${index + 1}`),
        }}
        components={COMPONENTS}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
});

function withDirection(tag: (typeof SIDED)[number]) {
  return ({ node: _node, ...props }: { readonly node?: unknown }) =>
    createElement(tag, { ...props, dir: 'auto' });
}

function Picture({ src, alt }: ComponentPropsWithoutRef<'img'>) {
  const { text } = useTexts();
  return <Outside href={typeof src === 'string' ? src : undefined}>{alt || text.image}</Outside>;
}

function TaskBox({ checked }: ComponentPropsWithoutRef<'input'>) {
  const { text } = useTexts();
  return <input type="checkbox" disabled checked={checked} aria-label={checked ? text.done : text.toDo} />;
}

function Table({ children }: ComponentPropsWithoutRef<'table'>) {
  const { text } = useTexts();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, by the keyboard too.
    <section className="table" aria-label={text.table} tabIndex={0}>
      <table dir="auto">{children}</table>
    </section>
  );
}

interface OutsideProps {
  readonly href: string | undefined;
  readonly children: ReactNode;
}

/** Leads to another page, which learns nothing of this one. What leads nowhere is no link. */
function Outside({ href, children }: OutsideProps) {
  if (!href) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

/** To a footnote, and back: the address of the page is the chat's. */
function goWithinPage(event: MouseEvent<HTMLAnchorElement>): void {
  event.preventDefault();
  const target = document.getElementById(decodeURIComponent(event.currentTarget.hash.slice(1)));
  if (target === null) return;
  target.tabIndex = -1;
  target.focus();
  target.scrollIntoView({ block: 'nearest' });
}

function classOf(children: ReactNode): string {
  const props = (children as { readonly props?: ComponentPropsWithoutRef<'code'> } | null)?.props;
  return props?.className ?? '';
}
