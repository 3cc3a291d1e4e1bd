const CHAT = '\n{"type":"chat",';

/**
 * An export in parts of whole chats, each with the first line and a last one; the last part ends as the export does.
 * Undefined: it is none.
 */
export function splitExport(text: string, maxCharacters: number): string[] | undefined {
  const first = text.indexOf(CHAT);
  const head = (first === -1 ? text : text.slice(0, first)).trimEnd();
  if (!head.startsWith('{') || !head.includes('"export"')) return undefined;
  if (first === -1 || text.length <= maxCharacters) return [text];
  const parts: string[] = [];
  for (let from = first; from !== -1; ) {
    let to = text.indexOf(CHAT, from + 1);
    // As many chats as there is room for.
    for (let next = to; next !== -1 && next - from < maxCharacters; next = text.indexOf(CHAT, next + 1))
      to = next;
    parts.push(
      `${head}${text.slice(from, to === -1 ? undefined : to)}${to === -1 ? '' : '\n{"type":"end"}\n'}`,
    );
    from = to;
  }
  return parts;
}

/** The lines of an export that is a list of them. Undefined: it is none. */
export function linesOfList(text: string): string | undefined {
  const list = parse(text);
  const isExport = Array.isArray(list) && list[0]?.type === 'export';
  return isExport ? list.map((line) => `${JSON.stringify(line)}\n`).join('') : undefined;
}

/** The conversations of ChatGPT's export in parts. Undefined: it is none. */
export function splitConversations(text: string, maxCharacters: number): unknown[][] | undefined {
  const list = parse(text);
  if (!Array.isArray(list)) return undefined;
  const parts: unknown[][] = [[]];
  let characters = 0;
  for (const conversation of list) {
    const size = JSON.stringify(conversation).length;
    if (characters > 0 && characters + size > maxCharacters) {
      parts.push([]);
      characters = 0;
    }
    parts.at(-1)?.push(conversation);
    characters += size;
  }
  return parts;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
