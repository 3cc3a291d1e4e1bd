import { mkdirSync, writeFileSync } from 'node:fs';
import { readDocument } from './read-document.mjs';
import { describeType, listFields, toMarkdown, toTable } from './schema-text.mjs';

const MORE = 'Tokens, limits and the codes of problems: [the HTTP API](../../docs/http.md).';

/** Writes a page for each tag of the OpenAPI document, and one with the bodies that have a name. */
export async function writeHttp(folder) {
  const { paths, tags, components } = await readDocument();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );
  const pages = tags.map(({ name, description }) => [
    name,
    [
      `# HTTP: ${name}`,
      `${description}. ${MORE}`,
      ...operations.filter((one) => one.tags.includes(name)).map(toSection),
    ],
  ]);
  const left = operations.filter((one) => !one.tags.some((tag) => tags.some(({ name }) => name === tag)));
  if (left.length > 0)
    throw new Error(`no page has ${left.map(({ operationId }) => operationId).join(', ')}`);
  const schemas = Object.entries(components.schemas).map(([name, schema]) => toSchema(name, schema));
  mkdirSync(folder, { recursive: true });
  for (const [name, parts] of [...pages, ['schemas', ['# HTTP: bodies', ...schemas]]]) {
    writeFileSync(new URL(`${name}.md`, folder), `${parts.join('\n\n')}\n`);
  }
}

function toSection({
  path,
  method,
  summary,
  description = '',
  security,
  parameters = [],
  requestBody,
  responses,
}) {
  return join(
    `## ${toMarkdown(summary)}`,
    `**\`${method.toUpperCase()} ${path}\`**${security?.length === 0 ? ', for everybody' : ''}`,
    toMarkdown(description),
    toTable(['parameter', 'in', 'type', ''], parameters.map(toParameterRow)),
    requestBody && toBody(requestBody),
    toTable(['reply', 'body', ''], Object.entries(responses).map(toReplyRow)),
  );
}

function toParameterRow({ name, in: place, required, schema, description = '' }) {
  return [`\`${name}\`${required ? '' : ', optional'}`, place, describeType(schema), toMarkdown(description)];
}

function toBody({ content, description = '', required }) {
  const types = Object.entries(content);
  const example = types.find(([, { example }]) => example !== undefined)?.[1].example;
  return join(
    `Body${required ? '' : ', optional'}: ${types.map(toContent).join(', or ')}. ${toMarkdown(description)}`,
    example !== undefined && toCode(example),
  );
}

function toReplyRow([status, { content = {}, description }]) {
  return [status, Object.entries(content).map(toContent).join(', or '), toMarkdown(description)];
}

function toContent([type, { schema }]) {
  const isPlain = type === 'application/json' || type === 'application/problem+json';
  return isPlain ? describeType(schema) : `${describeType(schema)} as \`${type}\``;
}

function toSchema(name, schema) {
  const { description = '', anyOf = [], examples: [example] = [] } = schema;
  return join(
    `## ${name}`,
    toMarkdown(description),
    anyOf.length > 0 ? anyOf.map(toChoice).join('\n\n') : toFields(schema),
    example !== undefined && toCode(example),
  );
}

/** One of several forms. */
function toChoice(schema) {
  return schema.properties === undefined ? `- ${describeType(schema)}` : toFields(schema);
}

function toFields(schema) {
  const rows = listFields(schema);
  return rows.length > 0 ? toTable(['field', 'type', ''], rows) : describeType(schema);
}

function toCode(example) {
  return typeof example === 'string'
    ? `\`\`\`text\n${example.trimEnd()}\n\`\`\``
    : `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``;
}

function join(...parts) {
  return parts.filter(Boolean).join('\n\n');
}
