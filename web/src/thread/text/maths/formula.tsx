import katex, { type KatexOptions } from 'katex';
import { memo, useMemo } from 'react';
import 'katex/dist/katex.min.css';
// Who copies a part of an answer gets the TeX of its formulas.
import 'katex/contrib/copy-tex';

/** A model writes it: nothing in it leads somewhere or loads something, and none grows without an end. */
const OPTIONS: KatexOptions = {
  trust: false,
  maxExpand: 1_000,
  maxSize: 20,
  strict: false,
  throwOnError: false,
  errorColor: 'var(--danger)',
};

interface FormulaProps {
  readonly tex: string;
  readonly isDisplay: boolean;
}

/** A formula for the eye, and as MathML for who hears it. What is wrong in it stands there as it was written. */
export const Formula = memo(function Formula({ tex, isDisplay }: FormulaProps) {
  const html = useMemo(() => render(tex, isDisplay), [tex, isDisplay]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: KaTeX escapes what it is given.
  return html === undefined ? <code>{tex}</code> : <span dangerouslySetInnerHTML={{ __html: html }} />;
});

function render(tex: string, displayMode: boolean): string | undefined {
  try {
    return katex.renderToString(tex, { ...OPTIONS, displayMode });
  } catch {
    return undefined;
  }
}
