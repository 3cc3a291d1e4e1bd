/**
 * Writes `sbom.cdx.json`, a CycloneDX list of all that the two packages bring: their dependencies in the versions that the tests
 * ran with, by `npm sbom`, and what is bundled in the page. Fails at a licence that nobody has looked at.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const TO = join(ROOT, 'sbom.cdx.json');

/** Those that let a program use a package, and ask at most for their text to come along. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
]);

interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly { readonly license: { readonly id?: string; readonly name?: string } }[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Sbom {
  readonly metadata: { readonly component: { name: string } };
  readonly components: Component[];
}

const sbom = listDependencies();
const known = new Set(sbom.components.map((component) => component['bom-ref']));
const bundled = listBundled().filter((component) => !known.has(component['bom-ref']));
sbom.components.push(...bundled);
const refused = sbom.components.filter((component) => !ALLOWED.has(licenceOf(component)));
for (const component of refused) {
  console.error(
    `${component['bom-ref']}: its licence is ${licenceOf(component)}, which nobody has looked at`,
  );
}
writeFileSync(TO, `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`sbom.cdx.json: ${sbom.components.length} packages, ${bundled.length} of them in the page alone`);
process.exitCode = refused.length === 0 ? 0 : 1;

/** Of a package that has the dependencies of both, as this repository's lockfile resolves them. */
function listDependencies(): Sbom {
  const library = readManifest('package.json');
  const { name, version, license, dependencies } = readManifest('packages/server/package.json');
  const { questlog: _, ...others } = dependencies;
  const folder = mkdtempSync(join(tmpdir(), 'questlog-sbom-'));
  try {
    const manifest = { name, version, license, dependencies: { ...others, ...library.dependencies } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    cpSync(join(ROOT, 'package-lock.json'), join(folder, 'package-lock.json'));
    npm(folder, 'install', '--package-lock-only', '--ignore-scripts', '--prefer-offline', '--no-audit');
    const made = JSON.parse(npm(folder, 'sbom', '--package-lock-only', '--sbom-format', 'cyclonedx')) as Sbom;
    // npm takes the folder's name.
    made.metadata.component.name = name;
    return made;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the build has noted of the page. */
function listBundled(): Component[] {
  const texts = readFileSync(join(ROOT, 'packages/server/THIRD-PARTY-LICENSES'), 'utf8');
  return [...texts.matchAll(/^## (\S+) (\S+) \((.+)\)$/gm)].map(([, name = '', version = '', id = '']) => ({
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [{ license: { id } }],
  }));
}

function licenceOf({ licenses = [] }: Component): string {
  return licenses.map(({ license }) => license.id ?? license.name).join(' and ') || 'not known';
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Manifest;
}

function npm(cwd: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args[0]} failed: ${stderr}`);
  return stdout;
}
