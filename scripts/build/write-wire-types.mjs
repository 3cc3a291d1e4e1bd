import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';

const FOLDER = 'dist/wire';

/**
 * Writes the types of the JSON shapes as plain TypeScript, from their schemas: so that who uses the session, the runs or
 * the client needs no TypeBox for its types. Schemas have no types there; only code of this package uses them.
 */
export async function writeWireTypes() {
  const files = readdirSync(FOLDER, { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => ({ name, text: readFileSync(`${FOLDER}/${name}`, 'utf8') }))
    .filter(({ text }) => text.includes("from 'typebox'"));
  const homes = new Map(files.flatMap(({ name, text }) => typesOf(text).map((type) => [type, name])));
  for (const { name, text } of files) {
    const module = await import(pathToFileURL(`${FOLDER}/${name.replace('.d.ts', '.js')}`));
    const imports = new Map();
    const refer = (type) => {
      if (homes.get(type) !== name) imports.set(type, homes.get(type));
      return type;
    };
    const types = typesOf(text).map(
      (type) => `${docOf(text, type)}export type ${type} = ${print(module[type], '', refer, homes, true)};`,
    );
    const lines = [...imports].map(
      ([type, home]) => `import type { ${type} } from '${pathFrom(name, home.replace('.d.ts', '.js'))}';`,
    );
    writeFileSync(`${FOLDER}/${name}`, `${[...lines, ...types, 'export {};'].join('\n')}\n`);
  }
}

function pathFrom(name, home) {
  const path = posix.relative(posix.dirname(name), home);
  return path.startsWith('.') ? path : `./${path}`;
}

function typesOf(text) {
  return [...text.matchAll(/^export type (\w+) = Static<typeof \1>;$/gm)].map(([, type]) => type);
}

/** The comment of the type, or of the schema with its name. */
function docOf(text, type) {
  return text.match(new RegExp(`(/\\*\\*(?:(?!\\*/)[^])*\\*/\\n)export declare const ${type}:`))?.[1] ?? '';
}

function print(schema, indent, refer, homes, top = false) {
  const inner = (child) => print(child, indent, refer, homes);
  if (!top && homes.has(schema.title)) return refer(schema.title);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map(inner).join(' | ');
  switch (schema.type) {
    case undefined:
      return 'unknown';
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'array':
      return `Array<${inner(schema.items)}>`;
    case 'object':
      return schema.additionalProperties === true
        ? 'Record<string, unknown>'
        : printObject(schema, `${indent}  `, refer, homes);
    default:
      throw new Error(`no TypeScript is known for ${JSON.stringify(schema)}`);
  }
}

function printObject({ properties, required = [] }, indent, refer, homes) {
  const members = Object.entries(properties).map(([name, schema]) => {
    const doc = schema.description === undefined ? '' : `${indent}/** ${schema.description} */\n`;
    const optional = required.includes(name) ? '' : '?';
    return `${doc}${indent}${name}${optional}: ${print(schema, indent, refer, homes)};\n`;
  });
  return `{\n${members.join('')}${indent.slice(2)}}`;
}
