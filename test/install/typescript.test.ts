import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { App, installedWith, packAll } from '../support/packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** Somebody's TypeScript: values and types of each entry that needs no other package. */
const PROGRAM = `
  import { Agent } from '@openai/agents';
  import { type Database, DatabaseSession, QuestlogError, runDurably } from 'questlog';
  import { type RunResult, Runs } from 'questlog/runs';
  import { type Item, QuestlogClient, type RunEvent, type RunResponse } from 'questlog/client';

  const agent = new Agent({ name: 'Guide', instructions: 'You help.' });
  export const runs = new Runs({ db: { chats: {}, transaction: {} } as unknown as Database });
  runs.register(agent);
  export const tokens = (result: RunResult): number => result.usage.total_tokens;
  export const status = (run: RunResponse): 'running' | 'awaiting_approval' | 'completed' | 'failed' | 'cancelled' | 'interrupted' => run.status;
  export const item = (event: RunEvent): Item | undefined => (event.type === 'run_item' ? event.item : undefined);
  // @ts-expect-error: a type that is lost would be any, and anything.
  export const lost: { nothing: true } = {} as RunResponse;
  console.log([typeof DatabaseSession, typeof runDurably, typeof QuestlogClient, new QuestlogError('internal', 'x').code].join(' '));
`;

describe('a program in TypeScript', () => {
  it('has its types and runs, as CommonJS and as ES module, without the packages that it does not use', {
    timeout: 300_000,
  }, async () => {
    const { questlog } = packAll();
    const app = new App()
      .unpack('questlog', questlog)
      .link(...installedWith(questlog.manifest), '@openai/agents', '@types/node');
    const files = ['program.cts', 'program.mts'];
    for (const file of files) app.write(file, PROGRAM);
    // The strictest: `nodenext` lets CommonJS import ES modules.
    const options = ['--module', 'node16', '--target', 'es2022', '--strict', '--skipLibCheck', 'false'];
    const { stdout } = spawnSync(process.execPath, [TSC, ...options, '--types', 'node', ...files], {
      cwd: app.folder,
      encoding: 'utf8',
    });
    // The SDK's own types have errors.
    const errors = stdout
      .split('\n')
      .filter((line) => /^\S/.test(line) && !line.includes('/node_modules/@openai/'));
    expect(errors).toEqual([]);
    for (const file of files) {
      const script = join(app.folder, file.replace('ts', 'js'));
      const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' });
      expect(printed).toBe('function function function internal\n');
    }
  });
});
