import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { toFolder } from '../../driver/open.ts';
import type { Finding } from './finding.ts';

/** As `engines` in package.json has it. */
export const LEAST_NODE = '20.19';

const MEGABYTE = 1_000_000;
const FEW_BYTES = 1_000 * MEGABYTE;
const TOO_FEW_BYTES = 100 * MEGABYTE;

/** Whether this Node can run Questlog. */
export async function checkNode(version = process.versions.node): Promise<readonly Finding[]> {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE.split('.').map(Number);
  const isNew = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  const finding = { name: 'node', found: `Node ${version}` };
  return [
    isNew
      ? { ...finding, status: 'ok' }
      : { ...finding, status: 'fail', remedy: `install Node ${LEAST_NODE} or newer` },
  ];
}

/** How much is free where the data folder is, or will be: after "disk full" an embedded database has to be restarted. */
export async function checkDisk(database: string): Promise<readonly Finding[]> {
  const name = 'disk';
  const folder = toFolder(database);
  if (folder === undefined)
    return [{ name, status: 'ok', found: 'nothing is stored on a disk of this machine' }];
  const { bavail, bsize } = await statfsNear(resolve(folder));
  return [describeDisk(Number(bavail) * Number(bsize), folder)];
}

/** What so many bytes that are free mean. */
export function describeDisk(free: number, folder: string): Finding {
  const finding = {
    name: 'disk',
    found: `${Math.floor(free / MEGABYTE)} MB are free for ${folder}`,
  };
  if (free >= FEW_BYTES) return { ...finding, status: 'ok' };
  const remedy = 'free some, or move the folder (QUESTLOG_DATA_DIR)';
  return { ...finding, status: free >= TOO_FEW_BYTES ? 'warn' : 'fail', remedy };
}

/** Of the folder, or of the nearest one above it that is there. */
async function statfsNear(folder: string): ReturnType<typeof statfs> {
  try {
    return await statfs(folder);
  } catch (error) {
    if (dirname(folder) === folder) throw error;
    return statfsNear(dirname(folder));
  }
}
