import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { newFolder } from './support/databases.ts';

/** Modules that keep state, and what does not. */
const MODULES = {
  'state.ts': `
    let count = 0;
    const seen = new Map<string, number>();
    export const listeners: Set<string> = new Set();
    const waiting: string[] = [];`,
  'stateless.ts': `
    const NAMES: ReadonlySet<string> = new Set(['a']);
    const LIST = ['a', 'b'];
    const PATTERN = new RegExp('a');
    class Registry { readonly seen = new Map(); }
    function count() { let sum = 0; return sum + 1; }`,
};

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const CONFIG = '.dependency-cruiser.cjs';

interface Report {
  readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  readonly totalCruised: number;
}

/** What `npm run arch` does in `folder`, which exits with the number of violations. */
function cruise(folder: string): Report {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, 'src', 'web/src', '--config', CONFIG, '--output-type', 'json'];
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 100 << 20 } as const;
  try {
    return JSON.parse(execFileSync(process.execPath, args, options)).summary;
  } catch (error) {
    return JSON.parse((error as { stdout: string }).stdout).summary;
  }
}

/** A line of code where it must not be, and the rule that says so. */
const PLANTED = [
  ['src/store/planted.ts', `import 'pg';`, 'only-driver-knows-pg'],
  ['src/server/planted.ts', `import '@electric-sql/pglite';`, 'only-driver-knows-pg'],
  [
    'src/store/planted.ts',
    `import { Agent } from '@openai/agents-core'; new Agent();`,
    'only-session-run-models-agents-http-testing-knows-openai',
  ],
  ['src/run/planted.ts', `import 'fastify';`, 'only-http-server-knows-fastify'],
  ['src/server/planted.ts', `import 'jose';`, 'only-http-auth-knows-jose'],
  ['src/driver/planted.ts', `import 'typebox';`, 'only-wire-http-knows-typebox'],
  ['src/session/planted.ts', `import 'zod';`, 'only-models-agents-knows-zod'],
  ['src/http/planted.ts', `import 'pino';`, 'only-server-knows-pino'],
  ['src/observe/planted.ts', `import 'prom-client';`, 'only-server-knows-prom'],
  ['src/run/planted.ts', `import '@opentelemetry/api';`, 'only-server-knows-opentelemetry'],
  ['src/observe/planted.ts', `import '../driver/open.ts';`, 'observe-points-down'],
  ['src/wire/planted.ts', `import '../driver/open.ts';`, 'wire-points-down'],
  ['src/driver/planted.ts', `import '../store/chats/chats.ts';`, 'driver-points-down'],
  ['src/store/planted.ts', `import type {} from '../http/index.ts';`, 'store-points-down'],
  ['src/session/planted.ts', `import '../run/runs.ts';`, 'session-points-down'],
  ['src/run/planted.ts', `import '../http/replies/event-stream.ts';`, 'run-points-down'],
  ['src/live/planted.ts', `import '../run/runs.ts';`, 'live-points-down'],
  ['src/http/planted.ts', `import '@nats-io/transport-node';`, 'only-live-knows-nats'],
  ['src/client/planted.ts', `import '../wire/live.ts';`, 'the-client-has-no-dependency'],
  ['src/agents/planted.ts', `import '../http/replies/event-stream.ts';`, 'agents-points-down'],
  ['src/http/planted.ts', `import '../server/app.ts';`, 'http-points-down'],
  ['src/client/planted.ts', `import type {} from '../http/index.ts';`, 'client-points-down'],
  ['web/src/planted.ts', `import '../../src/wire/chats.ts';`, 'the-page-knows-only-the-client'],
  ['web/src/planted.ts', `import '@assistant-ui/react';`, 'one-file-knows-assistant-ui'],
  ['web/src/planted.ts', `import '@stackframe/js';`, 'one-file-knows-stack'],
  ['src/errors.ts', `import './wire/events.ts';`, 'leaves-import-leaves'],
  ['src/index.ts', `import './store/planted.ts';`, 'the-library-is-not-the-server'],
  ['src/ids.ts', `import './store/chats/chats.ts';`, 'no-circle'],
  ['src/run/planted.ts', `import '../../test/support/process.ts';`, 'src-stands-alone'],
  ['src/run/planted.ts', `import './nowhere.ts';`, 'every-import-is-found'],
  ['src/database/planted.ts', `import '../session/database-session.ts';`, 'database-points-down'],
  ['src/models/planted.ts', `import '../run/runs.ts';`, 'models-points-down'],
  ['src/run/journal/planted.ts', `import '../lifecycle/begin.ts';`, 'run-journal-points-down'],
  ['src/store/items/planted.ts', `import '../runs/runs.ts';`, 'store-items-points-down'],
] as const;

describe('the rules of who imports whom', () => {
  let violated: string[];

  beforeAll(() => {
    const copy = newFolder();
    for (const path of ['src', 'web', CONFIG, 'tsconfig.json', 'package.json', 'test/support/process.ts']) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const [path, line] of PLANTED) appendFileSync(join(copy, path), `\n${line}\n`);
    violated = cruise(copy).violations.map(({ from, rule }) => `${from}: ${rule.name}`);
  });

  it.each(PLANTED)('see in %s: %s', (path, _line, rule) => {
    expect(violated).toContain(`${path}: ${rule}`);
  });

  it('have read the whole project, and hold', () => {
    const { totalCruised, violations } = cruise(ROOT);
    expect(violations).toEqual([]);
    // With a compiler that it does not know, dependency-cruiser reads nothing and finds everything in order.
    expect(totalCruised).toBeGreaterThan(50);
  });
});

describe('the rules of folders and modules', () => {
  /** What `npm run arch` says of a checkout. */
  const checkLayout = (folder: string) => {
    const args = ['--import', 'tsx', join(ROOT, 'scripts/check-layout.ts'), folder];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    return { problems: stdout.split('\n').filter((line) => line !== ''), status };
  };

  it('see full folders, long files and state in modules, and nothing else', () => {
    const checkout = newFolder();
    for (const folder of ['src/full', 'src/fine', 'web/src'])
      mkdirSync(join(checkout, folder), { recursive: true });
    for (let file = 0; file < 13; file += 1) writeFileSync(join(checkout, `src/full/file-${file}.ts`), '');
    writeFileSync(join(checkout, 'src/long.ts'), '\n'.repeat(251));
    writeFileSync(join(checkout, 'web/src/fits.css'), '\n'.repeat(250));
    for (const [name, text] of Object.entries(MODULES)) writeFileSync(join(checkout, 'src/fine', name), text);
    expect(checkLayout(checkout)).toEqual({
      status: 1,
      problems: [
        'src/long.ts: has 251 lines, 250 at most',
        ...['count', 'seen', 'listeners', 'waiting'].map(
          (name) => `src/fine/state.ts: ${name} is state of the module`,
        ),
        'src/full: has 13 files, 12 at most',
      ],
    });
  });

  it('hold', () => {
    expect(checkLayout(ROOT)).toEqual({ status: 0, problems: [] });
  });
});

describe('the page about the architecture', () => {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const names = (cell: string | undefined) =>
    [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort();
  /** Each folder or room of a table, with what it may import. */
  const tables = new Map(
    [...page.matchAll(/^\| `([a-z/-]+)` \|.*\|([^|]*)\|$/gm)].map(([, folder, cell]) => [
      folder,
      names(cell),
    ]),
  );

  it('says of each folder and room what the rules say', () => {
    const rules = createRequire(import.meta.url)(join(ROOT, CONFIG)) as {
      readonly forbidden: readonly { readonly name: string; readonly from: object; readonly to: object }[];
    };
    const allowed = rules.forbidden
      .filter(({ name }) => name.endsWith('-points-down'))
      .map(({ from, to }) => {
        const folder = /\^src\/(.+)\/$/.exec(Reflect.get(from, 'path'))?.[1] ?? '';
        const [first] = Reflect.get(to, 'pathNot') as readonly string[];
        const own = folder.split('/').at(-1);
        const below =
          /\(([^)]+)\)\/$/
            .exec(first ?? '')?.[1]
            ?.split('|')
            .filter((name) => name !== own) ?? [];
        return [folder, below.sort()] as const;
      });
    expect(tables).toEqual(new Map(allowed));
  });

  it('names files that are there', () => {
    const places = [...page.matchAll(/`([a-z/-]+\.(?:ts|tsx|md|sql))`/g)].map(([, path]) => path as string);
    const isThere = (path: string) =>
      ['', 'src', 'src/run/execution'].some((folder) => existsSync(join(ROOT, folder, path)));
    expect(places.length).toBeGreaterThan(40);
    expect(places.filter((path) => !isThere(path))).toEqual([]);
  });
});
