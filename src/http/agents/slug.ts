/** A name as it can stand in a URL; empty where it has no Latin letter or digit: `Café Größe 2` → `cafe-grosse-2`. */
export function toSlug(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll('ß', 'ss')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
