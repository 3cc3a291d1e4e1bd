import type { Extension as FromMarkdown } from 'mdast-util-from-markdown';
import type { Code, Construct, Effects, Extension, State } from 'micromark-util-types';
import { isFormula, isUnfinished } from './delimiters.ts';

declare module 'micromark-util-types' {
  interface TokenTypeMap {
    formula: 'formula';
  }
}

/** A plugin of remark: `$…$`, `$$…$$`, `\(…\)` and `\[…\]` in a sentence are formulas. What is in code is not. */
export function inlineFormulas(this: { readonly data: () => object }): void {
  const data = this.data() as Record<string, unknown[] | undefined>;
  data.micromarkExtensions = [...(data.micromarkExtensions ?? []), SYNTAX];
  data.fromMarkdownExtensions = [...(data.fromMarkdownExtensions ?? []), TREE];
}

const [DOLLAR, BACKSLASH] = [36, 92];

const FORMULA: Construct = { name: 'formula', tokenize: readFormula, previous: mayComeBefore };

const SYNTAX: Extension = { text: { [DOLLAR]: FORMULA, [BACKSLASH]: FORMULA } };

/** What the tree has for the token that the syntax makes. */
const TREE: FromMarkdown = {
  enter: {
    formula(token) {
      const source = this.sliceSerialize(token);
      const marks = source.startsWith('\\') || source.startsWith('$$') ? 2 : 1;
      const hProperties = { isDisplay: /^(\$\$|\\\[)/.test(source) };
      const hChildren = [{ type: 'text', value: source.slice(marks, -marks) }];
      const node: unknown = { type: 'formula', data: { hName: 'x-formula', hProperties, hChildren } };
      this.enter(node as Parameters<typeof this.enter>[0], token);
    },
  },
  exit: {
    formula(token) {
      this.exit(token);
    },
  },
};

/** `US$5` and `10$` begin nothing, nor does the second of two dollars. */
function mayComeBefore(code: Code): boolean {
  return !/[\w$]/.test(toText(code));
}

function readFormula(effects: Effects, ok: State, nok: State): State {
  let text = '';

  function begin(code: Code): State | undefined {
    effects.enter('formula');
    return take(code);
  }

  function take(code: Code): State {
    const isLineEnding = code !== null && code < -2;
    if (isLineEnding) effects.enter('lineEnding');
    effects.consume(code);
    if (isLineEnding) effects.exit('lineEnding');
    text += toText(code);
    return goOn;
  }

  function goOn(code: Code): State | undefined {
    const next = toText(code);
    if (isFormula(text, next)) {
      effects.exit('formula');
      return ok(code);
    }
    return code !== null && isUnfinished(text, next) ? take(code) : nok(code);
  }

  return begin;
}

/** Ends of lines and tabs have codes of their own. */
function toText(code: Code): string {
  return code === null ? '' : code < 0 ? ' ' : String.fromCharCode(code);
}
