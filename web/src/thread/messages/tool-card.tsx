import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';
import type { ToolPart } from '../store/message.ts';

/** One tool call: what it was asked, and what came of it. One that waits for the person has a card of its own. */
export function ToolCard({ part }: { readonly part: ToolPart }) {
  const { tool } = useTexts();
  if (part.state === 'waiting') return null;
  return (
    <details className="tool" data-state={part.state}>
      <summary>
        <Icon name="chevron" />
        <Icon name="tool" />
        <code>{part.name || tool.unnamed}</code>
        <span className="tool-brief" dir="auto">
          {briefOf(part.arguments)}
        </span>
        <span className="tool-state">{tool.states[part.state]}</span>
      </summary>
      <Block label={tool.arguments} text={part.arguments} />
      {part.result !== undefined && <Block label={tool.result} text={part.result} />}
    </details>
  );
}

function Block({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <>
      <p className="tool-label">{label}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, by the keyboard too. */}
      <pre dir="auto" tabIndex={0}>
        {pretty(text)}
      </pre>
    </>
  );
}

/** The arguments in few words: `notation: 3d6`. */
export function briefOf(json: string): string {
  const value = parseJson(json);
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, entry]) => `${name}: ${typeof entry === 'string' ? entry : JSON.stringify(entry)}`)
    .join(', ');
}

function pretty(text: string): string {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
