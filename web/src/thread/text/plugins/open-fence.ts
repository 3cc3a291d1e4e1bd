interface Node {
  readonly type: string;
  readonly children?: readonly Node[];
  readonly position?: { readonly start: { readonly offset?: number } };
  data?: { readonly hProperties: Readonly<Record<string, string>> };
}

const CLOSED = /\n[\s>]*(`{3,}|~{3,})\s*$/;

/** A plugin of remark: a block of code at the end of a text, which has no end itself, is marked `data-open`. */
export function markOpenFence() {
  return (tree: Node, file: { readonly value: unknown }): void => {
    let last: Node | undefined = tree;
    while (last?.children !== undefined) last = last.children.at(-1);
    if (last?.type !== 'code' || CLOSED.test(String(file.value).slice(last.position?.start.offset))) return;
    last.data = { hProperties: { dataOpen: '' } };
  };
}
