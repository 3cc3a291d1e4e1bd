import { common, createLowlight } from 'lowlight';
import { memo, type ReactNode, useMemo } from 'react';
import './highlighted-code.css';

const LOWLIGHT = createLowlight(common);

type Highlighted = ReturnType<(typeof LOWLIGHT)['highlight']>['children'][number];

interface HighlightedCodeProps {
  readonly language: string;
  readonly text: string;
}

/** Code with its words marked by what they are; in an unknown language it is plain. */
export const HighlightedCode = memo(function HighlightedCode({ language, text }: HighlightedCodeProps) {
  const nodes = useMemo(
    () => (LOWLIGHT.registered(language) ? LOWLIGHT.highlight(language, text).children : undefined),
    [language, text],
  );
  return <code>{nodes?.map(toSpan) ?? text}</code>;
});

function toSpan(node: Highlighted, place: number): ReactNode {
  if (node.type === 'text') return node.value;
  if (node.type !== 'element') return null;
  return (
    <span key={place} className={[node.properties.className].flat().join(' ')}>
      {node.children.map(toSpan)}
    </span>
  );
}
