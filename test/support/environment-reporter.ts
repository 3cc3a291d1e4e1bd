import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** The file in the run's scratch folder that names the browser, once a test has started it. */
export const BROWSER_FILE = 'browser';

/** Says in one line, at the end of a test run, on what it ran, and what it skipped and why. */
export class EnvironmentReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { databases, scratch } = this.#vitest?.getRootProject().getProvidedContext() ?? {};
    const browser = join(scratch ?? '', BROWSER_FILE);
    const ranOn = [
      `Node ${process.versions.node} (${process.platform}, as ${userName()})`,
      ...(databases ?? ['no database']),
      existsSync(browser) ? readFileSync(browser, 'utf8') : 'no browser',
    ];
    const tests = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    this.#vitest?.logger.log(`Ran on ${ranOn.join(', ')}; skipped: ${describeSkipped(tests)}\n`);
  }
}

/** A user of a container may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

/** What a filter leaves out has no reason. */
function describeSkipped(tests: readonly TestCase[]): string {
  const reasons = tests.flatMap((test) => {
    const result = test.result();
    return result.state === 'skipped' && result.note !== undefined
      ? [`${test.fullName} (${result.note})`]
      : [];
  });
  const filtered = tests.length - reasons.length;
  const all = filtered > 0 ? [...reasons, `${filtered} by a filter`] : reasons;
  return all.length > 0 ? all.join('; ') : 'nothing';
}
