import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import ts from 'typescript';

/** The output of a run that ended well. */
export interface ExampleOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Writes an example to `file` (ending in `.mjs`) without its types and runs it there with this
 * Node. It may import what that folder resolves. Throws with its output if it ends with an exit
 * code other than 0, or after `timeoutMs` (default 500,000).
 */
export function runExample(
  code: string,
  file: string,
  timeoutMs = 500_000,
): Promise<ExampleOutput> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, withoutTypes(code));
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [file],
      { cwd: dirname(file), timeout: timeoutMs, maxBuffer: 16 * 2 ** 20 },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve({ stdout, stderr });
        } else {
          reject(new Error(`The example failed: ${error.message}\n${stdout}`));
        }
      },
    );
  });
}

function withoutTypes(code: string): string {
  return ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  }).outputText;
}
