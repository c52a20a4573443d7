import { closeSync, existsSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { UsageError } from './usage-error.js';

/** Finds out before a run whether its report can be written. @throws UsageError */
export function checkJsonFile(file: string): void {
  if (file === '-') return;
  const there = existsSync(file);
  try {
    closeSync(openSync(file, 'a'));
    if (!there) unlinkSync(file);
  } catch (error) {
    throw new UsageError(`--json ${file} cannot be written: ${(error as Error).message}`);
  }
}

/** @param file `-` is standard output */
export function writeJson(file: string, report: object): void {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    process.stderr.write(`--json ${file} is not complete: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
