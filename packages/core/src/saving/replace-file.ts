import { createHash, randomBytes } from 'node:crypto';
import { lstat, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../checks/show.js';
import { PliantError } from '../contract/errors.js';

type Refuse = (message: string, cause?: unknown) => Error;

/** Names of this machine's temporary files: process ids of another mean nothing here. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const leftover = /^\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/;

/**
 * Writes a file beside `path` and moves it there, so that it is whole or not there; a link is
 * followed. Leftovers of killed processes beside the file are removed.
 * @param refuse makes the error that is thrown, also for those of the file system
 */
export async function replaceFile(
  path: string,
  parts: readonly Uint8Array[],
  refuse: Refuse,
): Promise<void> {
  try {
    const target = await targetOf(path, refuse);
    await removeLeftovers(target);
    await writeBeside(target, parts);
  } catch (error) {
    if (PliantError.isInstance(error)) throw error;
    throw refuse(`cannot be written: ${messageOf(error)}`, error);
  }
}

async function writeBeside(target: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${target}.${host}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const part of parts) await file.writeFile(part);
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** The target of a link, or the path itself. */
async function targetOf(path: string, refuse: Refuse): Promise<string> {
  try {
    const target = await realpath(path);
    if (!(await stat(target)).isFile())
      throw refuse('is not a plain file, and is not written over');
    return target;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  if (isLink) throw refuse('is a link that leads nowhere');
  return path;
}

/**
 * Removes the files of dead processes of this machine. Files that cannot be read are left alone.
 */
async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const name = basename(target);
  for (const found of await readdir(folder).catch(() => [])) {
    const [, madeBy, id] =
      (found.startsWith(name) && leftover.exec(found.slice(name.length))) || [];
    if (madeBy !== host) continue;
    const path = join(folder, found);
    if (await isDead(Number(id), path)) await rm(path, { force: true }).catch(() => {});
  }
}

async function isDead(id: number, path: string): Promise<boolean> {
  if (id === process.pid) {
    // Ids are given again: a file from before this process began is not its own.
    const began = Date.now() - process.uptime() * 1000;
    return stat(path).then(
      ({ mtimeMs }) => mtimeMs < began,
      () => false,
    );
  }
  try {
    process.kill(id, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
