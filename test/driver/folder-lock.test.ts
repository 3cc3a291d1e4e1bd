import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, platform } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockFolder } from '../../src/driver/pglite/folder-lock.ts';
import { newFolder } from '../support/databases.ts';
import { type Program, startProgram } from '../support/process.ts';

const LOCK = 'questlog.lock';
/** No system gives a process so high a number. */
const NOBODY = 2 ** 30;

const holder = (fields = {}) =>
  JSON.stringify({ pid: NOBODY, host: hostname(), started: 'long ago', token: 'theirs', ...fields });

function lockedFolder(lock: string): string {
  const folder = newFolder();
  writeFileSync(join(folder, LOCK), lock);
  return folder;
}

function start(...args: string[]): Program {
  const program = startProgram('test/support/folder-program.ts', { args });
  onTestFinished(async () => void (await program.kill()));
  return program;
}

describe('the lock of a data folder', () => {
  it('belongs to one holder in this process, who gives it back and leaves nothing', async () => {
    const folder = newFolder();
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'database_locked',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
    });
    await unlock();
    expect(readdirSync(folder)).toEqual([]);
    await (await lockFolder(folder))();
  });

  it('is refused while another process lives, and taken over when that one was killed', async () => {
    const folder = newFolder();
    const program = start('lock', folder);
    await program.line(/^locked/);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'database_locked',
      message: expect.stringContaining(`process ${program.pid} `),
    });
    await program.kill('SIGKILL');
    await lockFolder(folder);
    expect(readFileSync(join(folder, LOCK), 'utf8')).toContain(`"pid":${process.pid}`);
    expect(readdirSync(folder)).toEqual([LOCK]);
  });

  it.runIf(platform() === 'linux')(
    'is taken over from a killed process that its parent has not noticed',
    async () => {
      const folder = newFolder();
      // `sleep` becomes the parent, and never asks how its child ended.
      const script = `"$0" --import tsx test/support/folder-program.ts lock "$1" & exec sleep 60`;
      const parent = spawn('sh', ['-c', script, process.execPath, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void parent.kill('SIGKILL'));
      const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
      const pid = Number(String(line).match(/^locked by (\d+)/)?.[1]);
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
      await lockFolder(folder);
    },
  );

  it.runIf(platform() === 'linux')(
    'is taken over from a process whose number another one has now',
    async () => {
      await lockFolder(lockedFolder(holder({ pid: process.pid })));
    },
  );

  it('is taken over when the machine went down before its content was on the disk', async () => {
    for (const torn of ['', holder().slice(0, 20), '\u0000'.repeat(120)]) {
      const folder = lockedFolder(torn);
      await lockFolder(folder);
      await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'database_locked' });
    }
  });

  it('of another host is refused, because nobody here can tell whether its holder lives', async () => {
    const lock = holder({ host: 'another-host' });
    const folder = lockedFolder(lock);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'database_locked',
      message: expect.stringContaining('on another-host'),
    });
    expect(readdirSync(folder)).toEqual([LOCK]);
    expect(readFileSync(join(folder, LOCK), 'utf8')).toBe(lock);
  });

  it('is taken over from a process that was killed while it took the lock over', async () => {
    const folder = lockedFolder(holder());
    const heir = createHash('sha1').update(holder()).digest('hex').slice(0, 12);
    writeFileSync(join(folder, `${LOCK}.${heir}`), holder({ token: 'died on the way' }));
    await lockFolder(folder);
    expect(readdirSync(folder)).toEqual([LOCK]);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'database_locked' });
  });

  it('is not given back by a holder who lost it', async () => {
    const folder = newFolder();
    const unlock = await lockFolder(folder);
    writeFileSync(join(folder, LOCK), holder({ host: 'another-host' }));
    await unlock();
    expect(existsSync(join(folder, LOCK))).toBe(true);
  });

  it('goes to exactly one of many who find the same stale lock at once', async () => {
    for (let round = 0; round < 40; round += 1) {
      const folder = lockedFolder(round % 2 ? '' : holder({ token: `round ${round}` }));
      const rivals = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
      const losers = rivals.filter(({ status }) => status === 'rejected');
      expect(losers).toHaveLength(9);
      for (const loser of losers) expect(loser).toMatchObject({ reason: { code: 'database_locked' } });
      expect(readdirSync(folder)).toEqual([LOCK]);
    }
  });

  it('goes to exactly one of many processes, too', async () => {
    const folder = newFolder();
    const contests = Array.from({ length: 40 }, (_, i) => `contest-${String(i).padStart(2, '0')}`);
    for (const name of contests) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, LOCK), holder({ token: name }));
    }
    const rivals = [1, 2, 3, 4].map(() => start('contest', folder, '4'));
    const won = await Promise.all(
      rivals.map(async (rival) => (await rival.line(/^won/)).split(' ').slice(1)),
    );
    expect(won.flat().sort()).toEqual(contests);
    // Otherwise there was no contest.
    expect(won.filter((names) => names.length > 0).length).toBeGreaterThan(1);
  });
});
