import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { newFolder } from '../support/databases.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/** The folder of a Node's programs: this one's, or the newest of a major version, from the npm package `node`. */
export function binOf(major: number): string {
  if (process.versions.node.startsWith(`${major}.`)) return dirname(process.execPath);
  const folder = join(CACHE, `questlog-node-${major}`);
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['install', '--prefix', folder, '--no-save', `node@${major}`], { stdio: 'ignore' });
  return join(folder, 'node_modules/node/bin');
}

/** A folder of somebody's, in which npm installs what is asked for. */
export class Folder {
  readonly path: string;
  readonly #env: NodeJS.ProcessEnv;

  /** @param path Default: a new one, with nothing in it. */
  constructor(bin: string = dirname(process.execPath), path: string = newPackage()) {
    this.path = path;
    this.#env = { ...pick('HOME', 'npm_config_registry'), PATH: `${bin}${delimiter}${process.env.PATH}` };
  }

  /** @returns what npm printed of warnings. */
  install(...packages: readonly string[]): string[] {
    const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages];
    const { status, stderr } = spawnSync('npm', args, { cwd: this.path, env: this.#env, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    return stderr.split('\n').filter((line) => line.startsWith('npm warn'));
  }

  /** Runs a program. @returns what it printed on its standard output. */
  run(name: string, script: string): string {
    writeFileSync(join(this.path, name), script);
    const options = { cwd: this.path, env: this.#env, encoding: 'utf8', timeout: 60_000 } as const;
    const { stdout, stderr, status } = spawnSync('node', [name], options);
    expect(status, stderr).toBe(0);
    return stdout.trim();
  }

  /** Every package that is installed, as a path below `node_modules`. */
  packages(): string[] {
    const args = ['ls', '--all', '--parseable'];
    const { stdout } = spawnSync('npm', args, { cwd: this.path, env: this.#env, encoding: 'utf8' });
    return stdout.split('\n').filter((path) => path.includes('node_modules'));
  }

  /** What all installed files hold, in bytes. */
  size(): number {
    const modules = join(this.path, 'node_modules');
    const entries = readdirSync(modules, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  }
}

function newPackage(): string {
  const path = newFolder();
  writeFileSync(join(path, 'package.json'), '{ "private": true, "type": "module" }');
  return path;
}

function pick(...names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
