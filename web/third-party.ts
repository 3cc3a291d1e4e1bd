import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Of packages whose manifest does not name what their file is. */
const READ_BY_HAND: Readonly<Record<string, string>> = {
  '@stackframe/js': 'MIT',
  '@stackframe/stack-shared': 'MIT',
};

const HEAD = 'The page holds code of these packages. Each is followed by its licence.\n';

/** What of other packages ends in a bundle: of the page, and of the programs of its workers, which are built one by one. */
export class ThirdParty {
  readonly #folders = new Set<string>();

  /** Notes what a bundle has. */
  collect(): Plugin {
    return {
      name: 'questlog-third-party',
      generateBundle: (_options, bundle) => {
        for (const file of Object.values(bundle)) {
          if (file.type === 'chunk') for (const id of file.moduleIds) this.#note(id);
        }
      },
    };
  }

  /** Writes the licences of all that was noted. */
  write(path: string): Plugin {
    return {
      name: 'questlog-licences',
      writeBundle: () => {
        // One version may be there in several folders.
        const texts = new Set([...this.#folders].map(describePackage).sort());
        writeFileSync(path, [HEAD, ...texts].join('\n'));
      },
    };
  }

  #note(id: string): void {
    const [, folder] = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id) ?? [];
    if (folder !== undefined && !id.startsWith('\0')) this.#folders.add(folder);
  }
}

/** What its licence asks of others, `npm run sbom` looks at. */
function describePackage(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const licence = license ?? READ_BY_HAND[name] ?? 'not known';
  const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)/i.test(one));
  const text =
    file === undefined
      ? 'The package brings no text of it.'
      : readFileSync(join(folder, file), 'utf8').trim();
  return `## ${name} ${version} (${licence})\n\n${text}\n`;
}
