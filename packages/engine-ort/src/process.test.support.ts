import { spawn } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { fixturePath } from '@pliant/fixtures';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Path of a model with random weights, as source text. */
export const tiny = JSON.stringify(fixturePath('models/tiny-llama'));

/**
 * Runs a program in a process of its own, on the built package, with only these environment
 * variables.
 */
export function runProgram(
  program: string,
  { env = {}, flags = [] }: { env?: NodeJS.ProcessEnv; flags?: readonly string[] } = {},
): Promise<{ code: number | null; output: string; errors: string }> {
  const { PATH } = process.env;
  const child = spawn(
    process.execPath,
    [
      ...flags,
      '--input-type=module',
      '--eval',
      `import { openDecoder } from './dist/index.js';\n${program}`,
    ],
    { cwd: root, env: { PATH, HOME: os.tmpdir(), ORT_DISABLE_TELEMETRY: '1', ...env } },
  );
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (errors += data));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output, errors }));
  });
}
