import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

const PAGE = /\.md$/;
const PICTURE = /\.(png|svg)$/;

/**
 * What pages link to that is no page (examples, nginx.conf, schema.sql) comes along as text, under `/sources/`, so that the site
 * needs no other host. A folder is a list of its files.
 */
export class Sources {
  readonly #root: string;
  readonly #paths = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Where a link of a page leads on the site; undefined where it may stay as it is, which the generator then checks. */
  resolve(link: string, page: string): string | undefined {
    const [path = '', anchor] = link.split('#');
    if (path === '' || /^([a-z]+:|\/)/.test(link) || PICTURE.test(path)) return undefined;
    const file = posix.normalize(posix.join(posix.dirname(page), path));
    if (file === 'README.md') return anchor === undefined ? '/' : `/#${anchor}`;
    if (PAGE.test(path)) return undefined;
    if (!existsSync(join(this.#root, file))) throw new Error(`${page} links to ${link}, which there is not`);
    if (file === 'docs/decisions') return '/docs/decisions/001-one-row-an-item';
    this.#paths.add(file);
    return `/sources/${file}${isFolder(join(this.#root, file)) ? '/index.txt' : '.txt'}`;
  }

  /** Writes them beside the pages. */
  write(outDir: string): void {
    for (const path of this.#paths) {
      const from = join(this.#root, path);
      if (isFolder(from)) this.#writeFolder(path, join(outDir, 'sources', path));
      else copyFile(from, join(outDir, 'sources', `${path}.txt`));
    }
  }

  #writeFolder(path: string, to: string): void {
    const files = filesIn(join(this.#root, path));
    mkdirSync(to, { recursive: true });
    writeFileSync(
      join(to, 'index.txt'),
      files
        .map((file) => `==> ${path}/${file} <==\n\n${readFileSync(join(this.#root, path, file), 'utf8')}`)
        .join('\n'),
    );
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && !['node_modules', 'package-lock.json'].includes(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesIn(join(folder, entry.name)).map((file) => `${entry.name}/${file}`)
        : [entry.name],
    );
}

function copyFile(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

const isFolder = (path: string): boolean => statSync(path).isDirectory();
