import {
  type ComponentPropsWithoutRef,
  createElement,
  type MouseEvent,
  memo,
  type ReactNode,
  useId,
} from 'react';
import ReactMarkdown, { type Components, defaultUrlTransform } from 'react-markdown';
import { useTexts } from '../../texts/texts-provider.tsx';
import { useWorkspace } from '../../workspace.ts';
import { CodeBlock } from './code-block.tsx';
import { useOnDemand } from './libraries.ts';
import { Maths } from './maths/maths.tsx';
import { isPictureInText, Picture } from './picture.tsx';
import { readGfm } from './plugins/gfm.ts';
import { markOpenFence } from './plugins/open-fence.ts';

const PLUGINS = [readGfm, markOpenFence];

/** Dollars and escaped brackets: whether they are a formula's, the parser knows. */
const MAY_HAVE_FORMULAS = /\$[^$]+\$|\\[([]/;

/** Each takes its side from its own text; lines take their direction by `markdown.css`. */
const SIDED = ['ul', 'ol', 'blockquote'] as const;

const COMPONENTS: Components & { readonly 'x-formula': (props: FormulaProps) => ReactNode } = {
  ...Object.fromEntries(SIDED.map((tag) => [tag, withDirection(tag)])),
  a: ({ node: _node, href, children, ...rest }) =>
    href?.startsWith('#') ? (
      <a {...rest} href={href} onClick={goWithinPage}>
        {children}
      </a>
    ) : (
      <Outside href={href}>{children}</Outside>
    ),
  img: Image,
  input: TaskBox,
  pre: ({ children }) => {
    const { className = '', children: text, 'data-open': open } = codeOf(children);
    const language = /language-(\S+)/.exec(className)?.[1];
    const code = typeof text === 'string' ? text : '';
    if (language === 'math' && open === undefined) return <Maths tex={code} isDisplay />;
    return <CodeBlock language={language} text={code} isOpen={open !== undefined} />;
  },
  'x-formula': ({ children, isDisplay = false }) => <Maths tex={String(children)} isDisplay={isDisplay} />,
  table: Table,
};

interface FormulaProps {
  readonly children?: ReactNode;
  readonly isDisplay?: boolean;
}

/** Text of a model as Markdown; HTML in it is shown as text, and addresses of anything but web and mail are no links. */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  // Footnotes of other messages have the same names.
  const clobberPrefix = `${useId()}-`;
  const { text: texts } = useTexts();
  const maths = useOnDemand(useWorkspace().libraries.maths, MAY_HAVE_FORMULAS.test(text));
  return (
    <div className="markdown">
      <ReactMarkdown
        remarkPlugins={maths === undefined ? PLUGINS : [...PLUGINS, maths.inlineFormulas]}
        remarkRehypeOptions={{
          clobberPrefix,
          footnoteLabel: texts.footnotes,
          footnoteBackLabel: (index: number, again: number) =>
            texts.toReference(again > 1 ? `${index + 1}-${again}` : `${index + 1}`),
        }}
        urlTransform={(address) => (isPictureInText(address) ? address : defaultUrlTransform(address))}
        components={COMPONENTS}
      >
        {maths === undefined ? text : maths.fenceFormulas(text)}
      </ReactMarkdown>
    </div>
  );
});

function withDirection(tag: (typeof SIDED)[number]) {
  return ({ node: _node, ...props }: { readonly node?: unknown }) =>
    createElement(tag, { ...props, dir: 'auto' });
}

function Image({ src, alt = '' }: ComponentPropsWithoutRef<'img'>) {
  const { text } = useTexts();
  const address = typeof src === 'string' ? src : '';
  if (isPictureInText(address)) return <img src={address} alt={alt} />;
  if (isPublic(address)) return <Picture address={new URL(address)} alt={alt} />;
  return <Outside href={address}>{alt || text.image}</Outside>;
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

/** What a block of code has in it. */
function codeOf(children: ReactNode): ComponentPropsWithoutRef<'code'> & { readonly 'data-open'?: string } {
  return (children as { readonly props?: ComponentPropsWithoutRef<'code'> } | null)?.props ?? {};
}

function isPublic(address: string): boolean {
  return address.startsWith('https://') && URL.canParse(address);
}
