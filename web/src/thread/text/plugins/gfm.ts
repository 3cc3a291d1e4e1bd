import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/** Where remark keeps the extensions of its parser. */
interface RemarkData {
  micromarkExtensions?: unknown[];
  fromMarkdownExtensions?: unknown[];
}

/** A plugin of remark: tables, task lists, footnotes, plain links. As remark-gfm, but for what writes Markdown, which no page needs. */
export function readGfm(this: { data(): unknown }): void {
  const data = this.data() as RemarkData;
  data.micromarkExtensions = [...(data.micromarkExtensions ?? []), gfm()];
  data.fromMarkdownExtensions = [...(data.fromMarkdownExtensions ?? []), gfmFromMarkdown()];
}
