import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Request } from './contestant-process.js';
import type { Timing } from './contestants/contestant.js';
import type { ContestantName } from './contestants/open-contestant.js';

export interface Reply extends Timing {
  /** Largest resident set of the process so far. */
  readonly peakBytes: number;
}

/** A contestant in a process of its own: neither memory nor idle threads of one touch another. */
export class ContestantClient {
  private constructor(
    readonly name: ContestantName,
    private readonly child: ChildProcess,
  ) {}

  static async open(name: ContestantName): Promise<ContestantClient> {
    const child = fork(fileURLToPath(new URL('./contestant-process.js', import.meta.url)), [name]);
    await reply(child);
    return new ContestantClient(name, child);
  }

  async run(request: Request): Promise<Reply> {
    this.child.send(request);
    return (await reply(this.child)) as Reply;
  }

  close(): void {
    this.child.kill();
  }
}

async function reply(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
    throw new Error(`a contestant's process ended: ${signal ?? `exit code ${code}`}`);
  });
  // Whichever comes second is not waited for.
  exit.catch(() => {});
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: ended.signal }), exit]);
    return message;
  } finally {
    ended.abort();
  }
}
