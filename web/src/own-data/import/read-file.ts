/** Why nothing of a file can be imported. */
export type FileFault = 'empty' | 'zip' | 'unknown' | 'unreadable';

/** The text of a file that may have chats, or why it has none. */
export async function readChatFile(
  file: File,
): Promise<{ readonly text: string } | { readonly fault: FileFault }> {
  try {
    const begin = new Uint8Array(await file.slice(0, 4).arrayBuffer());
    if (begin.length === 0) return { fault: 'empty' };
    if (String.fromCharCode(...begin) === 'PK\u0003\u0004') return { fault: 'zip' };
    // Some shells write files so.
    const isUtf16 = begin[0] === 0xff && begin[1] === 0xfe;
    const text = isUtf16 ? new TextDecoder('utf-16le').decode(await file.arrayBuffer()) : await file.text();
    if (text.trim() === '') return { fault: 'empty' };
    return /^\s*[[{]/.test(text) ? { text } : { fault: 'unknown' };
  } catch {
    // It is gone, a folder, or longer than a text can be.
    return { fault: 'unreadable' };
  }
}
