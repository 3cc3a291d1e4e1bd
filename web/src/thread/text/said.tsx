import type { ReactNode } from 'react';
import { CodeBlock } from './code-block.tsx';
import { Folded } from './folded.tsx';

/** So much of a long message is shown until the person asks for all of it. */
const SHOWN_CHARACTERS = 2_000;

/** What the person wrote, as they wrote it: only code and links look like what they are. */
export function Said({ text }: { readonly text: string }) {
  return (
    <Folded text={text} limit={SHOWN_CHARACTERS}>
      {(shown) => (
        <div className="said" dir="auto">
          {inPieces(shown)}
        </div>
      )}
    </Folded>
  );
}

/** A fence with its language and its code; code in a line; an address. */
const PIECES =
  /^```([^\n`]*)\n([\s\S]*?)(?:\n```$|$(?![\s\S]))|`([^`\n]+)`|(https?:\/\/[^\s<>"]*[^\s<>"'.,:;!?)\]}])/gm;

function inPieces(text: string): ReactNode[] {
  const pieces: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(PIECES)) {
    const [whole, language, block, code, address] = match;
    pieces.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (block !== undefined) {
      pieces.push(<CodeBlock key={match.index} language={language?.trim()} text={block} />);
    } else if (code !== undefined) pieces.push(<code key={match.index}>{code}</code>);
    else
      pieces.push(
        <a key={match.index} href={address} target="_blank" rel="noopener noreferrer nofollow">
          {address}
        </a>,
      );
  }
  return [...pieces, text.slice(end)];
}
