import { type Program, startProgram } from './process.ts';
import type { StrictOpenAi } from './strict/strict-openai.ts';

export interface RunsProcessOptions {
  readonly url: string;
  readonly api: StrictOpenAi;
  /** Where the tool `record` notes its executions. */
  readonly file: string;
  readonly userId: string;
  readonly leaseMs?: number;
  readonly shutdownMs?: number;
}

/** A server in a process of its own, asked over HTTP as one user. */
export interface RunsProcess {
  readonly program: Program;
  ask(
    method: string,
    path: string,
    body?: unknown,
    more?: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal },
  ): Promise<Response>;
}

/** Starts `runs-program.ts`; the caller kills it, or it dies with the test run. */
export async function startRunsProcess(options: RunsProcessOptions): Promise<RunsProcess> {
  const { url, api, file, userId, leaseMs = 10_000, shutdownMs = 0 } = options;
  const program = startProgram('test/support/runs-program.ts', {
    args: [url, api.baseUrl, file],
    env: { LEASE_MS: String(leaseMs), SHUTDOWN_MS: String(shutdownMs) },
  });
  const line = await program.line(/^listens on /);
  const base = line.replace('listens on ', '');
  const ask: RunsProcess['ask'] = (method, path, body, more = {}) =>
    fetch(base + path, {
      method,
      headers: {
        'x-test-user': userId,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(more.signal === undefined ? {} : { signal: more.signal }),
    });
  return { program, ask };
}
