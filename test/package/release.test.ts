import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { newFolder } from '../support/databases.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILES = [
  'package.json',
  'packages/server/package.json',
  'src/server/version.ts',
  'scripts/set-version.ts',
];

describe('npm version', () => {
  /** What its script makes of a repository whose `package.json` has the new version already. */
  const release = (changelog: string) => {
    const folder = newFolder();
    for (const path of FILES) cpSync(join(ROOT, path), join(folder, path));
    writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
    const manifest = readFileSync(join(ROOT, 'package.json'), 'utf8');
    writeFileSync(
      join(folder, 'package.json'),
      manifest.replace(/"version": "[^"]+"/, '"version": "7.8.9-rc.1"'),
    );
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
    execFileSync(process.execPath, [tsx, 'scripts/set-version.ts'], { cwd: folder, stdio: 'pipe' });
    return (path: string) => readFileSync(join(folder, path), 'utf8');
  };

  it('gives the version to the server, its library and the command, and nothing else in their files', () => {
    const read = release('# Changelog\n\n## Pending\n\n- A change.\n');
    for (const path of ['packages/server/package.json', 'src/server/version.ts']) {
      const before = readFileSync(join(ROOT, path), 'utf8').split('\n');
      const changed = read(path)
        .split('\n')
        .filter((line, index) => line !== before[index]);
      const version = path.endsWith('.ts')
        ? [`export const VERSION = '7.8.9-rc.1';`]
        : ['  "version": "7.8.9-rc.1",', '    "questlog": "7.8.9-rc.1",'];
      expect(changed).toEqual(version);
    }
  });

  it('makes a section of the version of what is pending, and refuses where nothing is', () => {
    const read = release('# Changelog\n\n## Pending\n\n- A change.\n\n## 0.1.0 (2026-12-01)\n');
    expect(read('CHANGELOG.md')).toMatch(
      /^# Changelog\n\n## 7\.8\.9-rc\.1 \(\d{4}-\d\d-\d\d\)\n\n- A change\.\n\n## 0\.1\.0 \(2026-12-01\)\n$/,
    );
    expect(() => release('# Changelog\n\n## 0.1.0 (2026-12-01)\n')).toThrow('is there anything to release?');
  });
});
