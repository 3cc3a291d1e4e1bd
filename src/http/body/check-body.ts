import { invalidField, QuestlogError } from '../../errors.ts';
import { MAX_ITEM_DEPTH } from '../../store/items/item-json.ts';

/** Of a field of a body: as deep as a list of items may be. */
const MAX_DEPTH = MAX_ITEM_DEPTH + 1;

/** Before they are looked at one by one: small items cost more than their bytes. */
export function assertFewItems(body: unknown, maxItems: number): void {
  for (const field of ['input', 'conversation']) {
    const items: unknown = Reflect.get(Object(body), field);
    if (!Array.isArray(items) || items.length <= maxItems) continue;
    const message = `has more than ${maxItems} items`;
    throw new QuestlogError('payload_too_large', `${field} ${message}`, { errors: [{ field, message }] });
  }
}

/** What is deeper makes those who walk through it recursively fail: SDKs, databases, `JSON.stringify`. */
export function assertShallow(body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  for (const [field, member] of Object.entries(body)) {
    if (isDeeper(member, MAX_DEPTH)) throw invalidField(field, `is nested deeper than ${MAX_DEPTH} levels`);
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.some((member) => isDeeper(member, levels - 1));
}

export function assertUncompressed(encoding = 'identity'): void {
  if (encoding.toLowerCase() === 'identity') return;
  throw new QuestlogError('unsupported_media_type', 'the body must not be compressed (Content-Encoding)');
}
