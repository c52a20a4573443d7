import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs npm in `folder` and returns its standard output; throws with all of its output when it
 * fails.
 */
export async function runNpm(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute('npm', args, { cwd: folder, maxBuffer: 64 * 2 ** 20 });
  return stdout;
}
