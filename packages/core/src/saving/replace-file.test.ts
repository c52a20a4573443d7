import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SavedGenerationError } from '../contract/errors.js';
import { replaceFile } from './replace-file.js';
import { readSafeTensors, readTensorFile } from './safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'replace-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (path: string, text: string) =>
  replaceFile(
    path,
    [Buffer.from(text)],
    (message, cause) => new SavedGenerationError(path, message, { cause }),
  );
const fresh = (name: string) => {
  const own = join(folder, name);
  mkdirSync(own);
  return own;
};
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

describe('replaceFile', () => {
  it('writes, and writes over, and leaves nothing beside', async () => {
    const own = fresh('plain');
    await write(join(own, 'a'), 'one');
    await write(join(own, 'a'), 'two');
    expect(readFileSync(join(own, 'a'), 'utf8')).toBe('two');
    expect(readdirSync(own)).toEqual(['a']);
  });

  it('follows a link, and refuses one that leads nowhere', async () => {
    const own = fresh('links');
    writeFileSync(join(own, 'real'), 'one');
    symlinkSync(join(own, 'real'), join(own, 'link'));
    await write(join(own, 'link'), 'two');
    expect(lstatSync(join(own, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(own, 'real'), 'utf8')).toBe('two');
    symlinkSync(join(own, 'missing'), join(own, 'broken'));
    await expect(write(join(own, 'broken'), 'three')).rejects.toThrow('leads nowhere');
  });

  it('refuses what is not a plain file, and leaves it as it was', async () => {
    const own = fresh('others');
    await expect(write(own, 'x')).rejects.toThrow(/not a plain file/);
    await expect(write('/dev/null', 'x')).rejects.toThrow(SavedGenerationError);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    const socket = join(own, 'socket');
    const server = createServer();
    await new Promise<void>((done) => server.listen(socket, done));
    await expect(write(socket, 'x')).rejects.toThrow(/not a plain file/);
    expect(lstatSync(socket).isSocket()).toBe(true);
    for (const read of [readSafeTensors, readTensorFile])
      for (const path of [socket, own, '/dev/zero'])
        await expect(read(path)).rejects.toThrow(/not a plain file/);
    await new Promise((done) => server.close(done));
    expect(readdirSync(own)).toEqual([]);
  });

  it("makes the file system's errors its own", async () => {
    for (const path of [
      join(folder, 'no', 'where'),
      join(folder, 'x'.repeat(300)),
      join('/dev/null', 'below'),
    ])
      await expect(write(path, 'x')).rejects.toThrow(SavedGenerationError);
  });

  it('removes what dead processes left, and that alone', async () => {
    const own = fresh('leftovers');
    const child = spawn(process.execPath, ['-e', '']);
    const { pid: dead } = child;
    await new Promise((done) => child.once('exit', done));
    const named = (id: number | undefined, by = host, name = 'a') =>
      `${name}.${by}-${id}-0123abcd.tmp`;
    const stays = [
      named(process.ppid),
      named(process.pid),
      named(dead, 'ffffffff'),
      named(dead, host, 'b'),
      'a.tmp',
      `a.${host}-${dead}.tmp`,
      `${named(dead)}.more`,
    ];
    const ancient = named(process.pid).replace('0123', '4567');
    for (const name of [...stays, named(dead), ancient]) writeFileSync(join(own, name), '');
    utimesSync(join(own, ancient), 1, 1);
    await write(join(own, 'a'), 'x');
    expect(readdirSync(own).sort()).toEqual([...stays, 'a'].sort());
    expect(existsSync(join(own, 'a'))).toBe(true);
  });
});
