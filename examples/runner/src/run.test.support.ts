import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

interface RunOptions {
  /** Standard input. */
  readonly input?: string;
  /** Added to the environment. */
  readonly environment?: { readonly [name: string]: string };
  /** Closes the other end of these before anything is written. */
  readonly closed?: readonly ('stdout' | 'stderr')[];
  /** Sees standard error as it comes; `stop` interrupts. */
  readonly onError?: (text: string, stop: () => void) => void;
}

/** Runs the built runner. */
export function run(
  argv: readonly string[],
  { input = '', environment, closed = [], onError }: RunOptions = {},
) {
  return new Promise<{ code: number | null; out: string; error: string }>((resolve) => {
    // The test runner sets it; beside NO_COLOR Node warns of it, in every process.
    const { FORCE_COLOR: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [main, ...argv], {
      env: { ...inherited, ...environment },
    });
    for (const stream of closed) child[stream].destroy();
    let out = '';
    let error = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.stderr.on('data', (data) => {
      error += data;
      onError?.(error, () => child.kill('SIGINT'));
    });
    child.on('close', (code) => resolve({ code, out, error }));
    child.stdin.end(input);
  });
}
