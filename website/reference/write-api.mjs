import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';
import { linkGuides } from './schema-text.mjs';

const ROOT = new URL('../../', import.meta.url);

/** Of a function or class: no entries of the outline and the search, in which they would stand hundreds of times. */
const PARTS =
  /^#{3,6} (Parameters|Type Parameters|Properties|Constructors|Methods|Accessors|Get Signature|Set Signature|Returns|Throws|Example|Extends|Extended by|Implements|Implementation of|Overrides|Inherited from|Default Value|Union Members|Type Declaration|Index Signature|Indexable)( \{#.*\})?$/gm;

/**
 * Writes a page for each import of the package, from the docstrings of what it exports. The declarations are those that are
 * published: types of the JSON shapes are plain there.
 *
 * @throws Error when a `{@link}` leads nowhere.
 */
export async function writeApi(folder) {
  const entries = readEntries();
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    router: 'module',
    entryPoints: entries.map(({ file }) => file),
    tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
    // What is compiled is not what tsconfig.json includes, and `npm run types` has checked it.
    skipErrorChecking: true,
    outputs: [{ name: 'markdown', path: fileURLToPath(folder) }],
    readme: 'none',
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandParameters: true,
    // Ids in the pages: whoever counts equal headings does it in a way of their own.
    useCustomAnchors: true,
    parametersFormat: 'table',
    propertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    propertyMembersFormat: 'table',
    tableColumnSettings: {
      hideDefaults: true,
      hideInherited: true,
      hideModifiers: true,
      hideOverrides: true,
    },
    validation: { invalidLink: true, invalidPath: true, notExported: false },
    logLevel: 'Warn',
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('the declarations could not be read');
  for (const module of project.children)
    module.name = entries.find(({ found }) => found === module.name).name;
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasWarnings() || app.logger.hasErrors())
    throw new Error('the docstrings have the flaws above');
  // The list of the modules: the sidebar is one.
  rmSync(new URL('README.md', folder));
  for (const { name } of entries) finishPage(new URL(`${name}.md`, folder), name);
}

/** The imports of the package, where their types are, and the name that a module of that place has at first. */
function readEntries() {
  const { name: root, exports } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
  return Object.entries(exports)
    .filter(([, target]) => typeof target.import === 'object')
    .map(
      ([
        path,
        {
          import: { types },
        },
      ]) => ({
        name: `${root}${path.slice(1)}`,
        file: fileURLToPath(new URL(types, ROOT)),
        found: types.replace(/^\.\/dist\/|(\/index)?\.d\.ts$/g, ''),
      }),
    );
}

function finishPage(page, name) {
  const [, ...lines] = linkGuides(readFileSync(page, 'utf8'))
    .replace(PARTS, '**$1**')
    // A parameter that is taken apart where it is declared.
    .replaceAll('__namedParameters', 'options')
    .split('\n');
  const head = [`# Library: ${name}`, '', `\`import { … } from '${name}'\`, or \`require('${name}')\`.`];
  writeFileSync(page, [...head, ...lines].join('\n'));
}
