import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { newFolder } from './support/databases.ts';

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
    'only-session-run-models-agents-http-knows-openai',
  ],
  ['src/run/planted.ts', `import 'fastify';`, 'only-http-server-knows-fastify'],
  ['src/server/planted.ts', `import 'jose';`, 'only-http-auth-knows-jose'],
  ['src/driver/planted.ts', `import 'typebox';`, 'only-wire-http-knows-typebox'],
  ['src/session/planted.ts', `import 'zod';`, 'only-models-agents-knows-zod'],
  ['src/http/planted.ts', `import 'pino';`, 'only-server-knows-pino'],
  ['src/wire/planted.ts', `import '../driver/open.ts';`, 'wire-points-down'],
  ['src/driver/planted.ts', `import '../store/chats/chats.ts';`, 'driver-points-down'],
  ['src/store/planted.ts', `import type {} from '../http/index.ts';`, 'store-points-down'],
  ['src/session/planted.ts', `import '../run/runs.ts';`, 'session-points-down'],
  ['src/run/planted.ts', `import '../http/replies/sse.ts';`, 'run-points-down'],
  ['src/live/planted.ts', `import '../run/runs.ts';`, 'live-points-down'],
  ['src/http/planted.ts', `import '@nats-io/transport-node';`, 'only-live-knows-nats'],
  ['src/client/planted.ts', `import '../wire/live.ts';`, 'the-client-has-no-dependency'],
  ['src/agents/planted.ts', `import '../http/replies/sse.ts';`, 'agents-points-down'],
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
