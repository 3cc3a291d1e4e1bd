/** Of a chat, and of a tag in UTF-16 units, as the server takes them. */
const MAX_TAGS = 50;
export const MAX_TAG_LENGTH = 64;

/**
 * The tags with what was written: words with commas between them. What is there already is not added.
 *
 * @returns undefined: these are too many.
 */
export function withTag(tags: readonly string[], written: string): readonly string[] | undefined {
  const added = written.split(',').map((tag) => tag.trim().slice(0, MAX_TAG_LENGTH).trim().toWellFormed());
  const all = [...new Set([...tags, ...added.filter((tag) => tag !== '')])];
  return all.length > MAX_TAGS ? undefined : all;
}
