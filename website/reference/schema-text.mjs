/** Text of the document, outside of code, as Markdown that Vue takes for no template. */
export function toMarkdown(text) {
  return text
    .split('`')
    .map((part, index) =>
      index % 2 === 0 ? linkGuides(part).replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;') : part,
    )
    .join('`');
}

/** A guide that a docstring or a description names becomes a link. */
export function linkGuides(text) {
  return text.replace(/(?<![`/])\bdocs\/[\w-]+\.md\b(?!`)/g, '[$&](/$&)');
}

/** A table in Markdown; nothing where it has no rows. */
export function toTable(head, rows) {
  if (rows.length === 0) return '';
  const toLine = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')).join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows].map(toLine).join('\n');
}

/** What a schema takes, in a few words: a link where it has a name. */
export function describeType(schema) {
  const { $ref: ref, anyOf, enum: values, type, items, default: preset } = schema;
  if (ref !== undefined) return linkTo(ref);
  if (anyOf !== undefined) return anyOf.map(describeType).join(' or ') + describeDefault(preset);
  if (values !== undefined) return values.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  if (type === 'array')
    return `list of ${describeType(items)}${describeBounds(schema.minItems, schema.maxItems, '')}`;
  return (schema.format ?? type ?? 'anything') + describeRange(schema) + describeDefault(preset);
}

/** The fields of an object as rows of a table; those of objects in it follow, with the way to them. */
export function listFields({ properties = {}, required = [] }, way = '') {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const row = [
      `\`${way}${name}\`${required.includes(name) ? '' : ', optional'}`,
      describeType(schema),
      toMarkdown(schema.description ?? ''),
    ];
    const inner = schema.type === 'array' ? schema.items : schema;
    return [row, ...listFields(inner, `${way}${name}${inner === schema ? '' : '[]'}.`)];
  });
}

function linkTo(ref) {
  const name = ref.split('/').at(-1);
  return `[${name}](schemas.md#${name.toLowerCase()})`;
}

function describeRange({ minLength, maxLength, minimum, maximum }) {
  // The largest integer of JavaScript is no bound that anybody meets.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  return describeBounds(minLength, maxLength, ' characters') || describeBounds(minimum, most, '');
}

function describeBounds(least, most, unit) {
  if (least === undefined && most === undefined) return '';
  if (most === undefined) return `, at least ${least}${unit}`;
  return least === undefined ? `, at most ${most}${unit}` : `, ${least} to ${most}${unit}`;
}

function describeDefault(preset) {
  return preset === undefined ? '' : `, default \`${JSON.stringify(preset)}\``;
}
