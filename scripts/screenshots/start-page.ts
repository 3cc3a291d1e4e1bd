import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QuestlogClient } from '../../src/client/index.ts';
import { startProgram } from '../../test/support/process.ts';

/** The built server on an empty database, for pictures of its page. */
export interface PageUnderCamera {
  readonly url: string;
  readonly client: QuestlogClient;
  stop(): Promise<void>;
}

/** Builds the server and starts it. @param env what it gets beside a free port. */
export async function startPage(env: Readonly<Record<string, string>> = {}): Promise<PageUnderCamera> {
  process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
  execFileSync(process.execPath, ['scripts/build-if-needed.mjs'], { stdio: 'inherit' });
  const server = startProgram('dist/server/cli.js', {
    cwd: mkdtempSync(join(tmpdir(), 'questlog-pictures-')),
    env: { PORT: '0', QUESTLOG_DATA_DIR: 'memory://', LOG_LEVEL: 'warn', ...env },
  });
  const url = /http:\/\/\S+/.exec(await server.line(/^Questlog listens on /))?.[0] ?? '';
  const stop = async () => {
    await server.kill('SIGTERM');
  };
  return { url, client: new QuestlogClient({ baseUrl: url }), stop };
}
