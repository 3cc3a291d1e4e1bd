import { common, createLowlight } from 'lowlight';
import type { CodeNode, CodeToHighlight } from './highlighter.ts';

// The program of a worker, which `highlighter.ts` starts.

const LOWLIGHT = createLowlight(common);

type Found = ReturnType<(typeof LOWLIGHT)['highlight']>['children'][number];

const page = self as unknown as { readonly postMessage: (nodes: readonly CodeNode[] | undefined) => void };

self.addEventListener('message', ({ data }: MessageEvent<CodeToHighlight>) => {
  const isKnown = LOWLIGHT.registered(data.language);
  page.postMessage(isKnown ? LOWLIGHT.highlight(data.language, data.text).children.map(toNode) : undefined);
});

function toNode(found: Found): CodeNode {
  if (found.type !== 'element') return 'value' in found ? found.value : '';
  return {
    className: [found.properties.className].flat().join(' '),
    children: found.children.map(toNode),
  };
}
