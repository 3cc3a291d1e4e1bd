import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { newFolder } from './databases.ts';
import { startProgram } from './process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where each package is in this repository. */
const SOURCES = { questlog: '.', 'questlog-server': 'packages/server' };

export type PackageName = keyof typeof SOURCES;

export interface Packed {
  /** What it is packed of. */
  readonly folder: string;
  readonly tarball: string;
  /** The paths in it. */
  readonly files: readonly string[];
  readonly manifest: Manifest;
}

export interface Manifest {
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>;
}

/** Makes the tarballs that `npm publish` would send. */
export function packAll(): Record<PackageName, Packed> {
  execFileSync(process.execPath, ['scripts/build-if-needed.mjs'], { cwd: ROOT });
  return { questlog: pack('questlog'), 'questlog-server': pack('questlog-server') };
}

function pack(name: PackageName): Packed {
  const folder = newFolder();
  const source = join(ROOT, SOURCES[name]);
  const report = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: source,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [{ filename, files }] = JSON.parse(report);
  return {
    folder: source,
    tarball: join(folder, filename),
    files: files.map((file: { path: string }) => file.path),
    manifest: { peerDependencies: {}, ...JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) },
  };
}

/** A folder with a program of somebody else's, and what it has installed. */
export class App {
  readonly folder = newFolder();

  /** Puts a package where npm would. */
  unpack(name: PackageName, { tarball }: Packed): this {
    const target = join(this.folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
    return this;
  }

  /** Installs packages that this repository has, without their being asked for again. */
  link(...names: readonly string[]): this {
    for (const name of names) {
      const target = join(this.folder, 'node_modules', name);
      mkdirSync(dirname(target), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), target);
    }
    return this;
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a script of it, and expects it to succeed. @returns the lines that it prints. */
  async run(
    name: string,
    script: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<string[]> {
    const program = startProgram(this.write(name, script), { cwd: this.folder, args, env });
    const { code } = await program.exited;
    expect(code, program.output()).toBe(0);
    return program.lines();
  }
}

/** What npm installs for a package by itself: all but its optional peers. */
export function installedWith({ dependencies, peerDependencies, peerDependenciesMeta }: Manifest): string[] {
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys(dependencies), ...peers];
}
