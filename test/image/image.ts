import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Of this machine, in place of those of the base image. */
const SYSTEM = ['usr', 'bin', 'sbin', 'lib', 'lib64', 'etc/ssl'];
/** As the base image names it. */
const NODE_USER = 1000;

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** What an image says of its processes. */
export interface Settings {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly user: string;
  readonly volumes: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

/**
 * An image as a folder: each instruction of our `Dockerfile` is carried out in a chroot, with the programs of this
 * machine in place of the base image's. It says nothing of a container engine.
 */
export class Image {
  readonly #folder: string;
  readonly #settings: Settings;

  constructor(folder: string, settings: Settings) {
    this.#folder = folder;
    this.#settings = settings;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Where a path of the image is. */
  locate(path: string): string {
    return join(this.#folder, path);
  }

  /** Starts a process as the image's user; it can write to the volumes and to `/tmp` alone. */
  start(command: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    return spawn('unshare', inChroot(this.#folder, this.#settings, command, { env, isReadOnly: true }), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

/** Whether this machine lets us: a root that may mount. */
export function canChroot(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Carries out the `Dockerfile` in a folder. @returns its last stage. */
export function buildImage(folder: string): Image {
  const stages = new Map<string, string>();
  let stage = '';
  let settings: Settings = EMPTY;
  for (const { name, text } of readInstructions(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))) {
    const words = text.split(' ');
    switch (name) {
      case 'FROM':
        stage = makeSystem(join(folder, `stage-${stages.size}`));
        stages.set(words[2] ?? '', stage);
        settings = EMPTY;
        break;
      case 'ENV':
        settings = { ...settings, env: { ...settings.env, ...readPair(text) } };
        break;
      case 'WORKDIR':
        settings = { ...settings, folder: text };
        mkdirSync(join(stage, text), { recursive: true });
        break;
      case 'COPY':
        copy(words, stages, (path) => join(stage, path.startsWith('/') ? '' : settings.folder, path));
        break;
      case 'RUN':
        execFileSync('unshare', inChroot(stage, settings, ['sh', '-c', text], { env: ofRegistry() }), {
          stdio: 'inherit',
        });
        break;
      case 'USER':
        settings = { ...settings, user: text };
        break;
      case 'VOLUME':
        settings = { ...settings, volumes: [...settings.volumes, text] };
        break;
      case 'ENTRYPOINT':
        settings = { ...settings, entrypoint: JSON.parse(text) };
        break;
      case 'CMD':
        settings = { ...settings, command: JSON.parse(text) };
        break;
      case 'HEALTHCHECK':
        settings = { ...settings, healthCheck: JSON.parse(text.slice(text.indexOf('['))) };
        break;
      case 'EXPOSE':
        break;
      default:
        throw new Error(`an instruction that no test carries out: ${name}`);
    }
  }
  return new Image(stage, settings);
}

const EMPTY: Settings = {
  env: {},
  folder: '/',
  user: 'root',
  volumes: [],
  entrypoint: [],
  command: [],
  healthCheck: [],
};

/** What npm needs to reach the registry from this machine. */
function ofRegistry(): Record<string, string> {
  const names = ['NODE_EXTRA_CA_CERTS', 'npm_config_registry'];
  return Object.fromEntries(
    names.map((name) => [name, process.env[name] ?? '']).filter(([, value]) => value),
  );
}

function readInstructions(dockerfile: string): Instruction[] {
  const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const end = line.indexOf(' ');
    return { name: line.slice(0, end), text: line.slice(end + 1) };
  });
}

function readPair(text: string): Record<string, string> {
  const [name = '', value = ''] = text.split('=');
  return { [name]: value };
}

function makeSystem(folder: string): string {
  for (const path of ['dev', 'proc', 'tmp', 'root', 'etc', 'home/node']) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  for (const path of SYSTEM.filter((name) => existsSync(`/${name}`))) {
    if (lstatSync(`/${path}`).isSymbolicLink())
      cpSync(`/${path}`, join(folder, path), { verbatimSymlinks: true });
    else mkdirSync(join(folder, path), { recursive: true });
  }
  const passwd = `root:x:0:0::/root:/bin/sh\nnode:x:${NODE_USER}:${NODE_USER}::/home/node:/bin/sh\n`;
  writeFileSync(join(folder, 'etc/passwd'), passwd);
  writeFileSync(join(folder, 'etc/group'), `root:x:0:\nnode:x:${NODE_USER}:\n`);
  for (const name of ['etc/resolv.conf', 'etc/hosts', 'etc/nsswitch.conf']) {
    if (existsSync(`/${name}`)) writeFileSync(join(folder, name), readFileSync(`/${name}`));
  }
  return folder;
}

/** @param locate gives the place of a path of the image. */
function copy(
  words: readonly string[],
  stages: ReadonlyMap<string, string>,
  locate: (path: string) => string,
): void {
  const from = words[0]?.startsWith('--from=') ? stages.get(words[0].slice('--from='.length)) : undefined;
  const [source = '', target = ''] = words.slice(-2);
  if (from !== undefined) {
    execFileSync('cp', ['-a', `${join(from, source)}/.`, locate(target)]);
    return;
  }
  const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(toPattern);
  cpSync(join(ROOT, source), locate(target), {
    recursive: true,
    filter: (path) => !ignored.some((pattern) => pattern.test(relative(ROOT, path))),
  });
}

/** Of `.dockerignore`. */
function toPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.]/g, '\\.')
    .replaceAll('**/', '(?:\u0000)?')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '.*/');
  return new RegExp(`^${source}$`);
}

/** The arguments of `unshare` for a command in a folder's file system. */
function inChroot(
  folder: string,
  { env, folder: workdir, user, volumes }: Settings,
  command: readonly string[],
  { env: more = {}, isReadOnly = false }: { env?: Readonly<Record<string, string>>; isReadOnly?: boolean },
): string[] {
  const mounts = [
    ...(isReadOnly ? ['mount --bind "$0" "$0"'] : []),
    ...SYSTEM.map(
      (name) =>
        `if [ -d "/${name}" ] && ! [ -L "/${name}" ]; then mount --bind "/${name}" "$0/${name}"; mount -o remount,bind,ro "$0/${name}"; fi`,
    ),
    'mount --rbind /dev "$0/dev"',
    'mount -t proc proc "$0/proc"',
    'mount -t tmpfs tmpfs "$0/tmp"',
    ...(isReadOnly
      ? [...volumes.map((path) => `mount --bind "$0${path}" "$0${path}"`), 'mount -o remount,bind,ro "$0"']
      : []),
  ];
  const id = user === 'node' ? NODE_USER : 0;
  const all = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: id === 0 ? '/root' : '/home/node',
    ...env,
    ...more,
  };
  const variables = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  const script = [
    'set -e',
    ...mounts,
    `exec chroot --userspec=${id}:${id} "$0" env -i -C ${workdir} "$@"`,
  ].join('\n');
  return ['-m', 'sh', '-c', script, folder, ...variables, ...command];
}
