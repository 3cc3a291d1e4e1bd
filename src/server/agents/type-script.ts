import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { QuestlogError } from '../../errors.ts';

/**
 * Makes imports of TypeScript work in this process: where Node does not read it by itself, with tsx, as it is installed
 * for the module.
 *
 * @throws QuestlogError `invalid_configuration` that says what to install.
 */
export async function prepareTypeScript(file: string): Promise<void> {
  if (Reflect.get(process.features, 'typescript')) return;
  try {
    await import(pathToFileURL(createRequire(file).resolve('tsx')).href);
  } catch {
    throw new QuestlogError(
      'invalid_configuration',
      `Node ${process.versions.node} reads no TypeScript by itself: use Node 22.18 or newer, or \`npm install tsx\``,
    );
  }
}
