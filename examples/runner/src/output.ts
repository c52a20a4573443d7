import { Console } from 'node:console';

/**
 * Destination of results: standard output, or standard error while `--json -` has that for itself.
 */
let results: Pick<Console, 'log'> = console;

export function printToStandardError(): void {
  results = new Console(process.stderr);
}

export function print(line = ''): void {
  results.log(line);
}

/**
 * Ends in silence when the reader of standard output has gone (`| head`), and with a sentence when
 * it cannot be written to. Without a reader of standard error, what it is told is lost.
 * @param goesOn whether there is a use in going on without standard output
 */
export function watchOutput(goesOn: () => boolean): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' && goesOn()) return;
    if (code !== 'EPIPE') process.stderr.write(`standard output: ${message}\n`);
    process.exit(code === 'EPIPE' ? 0 : 1);
  });
  process.stderr.on('error', () => undefined);
}
