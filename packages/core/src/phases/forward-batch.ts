import type { Decoder, ForwardInput, ForwardOutput, Sequence } from '../contract/decoder.js';
import { evidenceWanted } from '../contract/evidence/evidence.js';
import { inputsBatchKey } from '../contract/forward-inputs.js';

interface Waiting {
  readonly sequence: Sequence;
  readonly input: ForwardInput;
  readonly resolve: (output: ForwardOutput | Promise<ForwardOutput>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects one forward of each of `members` steps under way, then runs those that can share a
 * forward as one.
 */
export class ForwardBatch {
  #waiting: Waiting[] = [];

  constructor(
    private readonly decoder: Decoder,
    private members: number,
  ) {}

  forward(sequence: Sequence, input: ForwardInput): Promise<ForwardOutput> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sequence, input, resolve, reject });
      this.#runWhenComplete();
    });
  }

  /** A member's step is over. */
  leave(): void {
    this.members--;
    this.#runWhenComplete();
  }

  #runWhenComplete(): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.members) return;
    const groups = new Map<string, Waiting[]>();
    for (const waiting of this.#waiting) {
      const key = batchKey(waiting.input);
      if (key === undefined || !this.decoder.capabilities.has('batch')) runAlone(waiting);
      else groups.set(key, [...(groups.get(key) ?? []), waiting]);
    }
    this.#waiting = [];
    for (const group of groups.values())
      if (group.length === 1) runAlone(group[0]);
      else this.#runGroup(group);
  }

  async #runGroup(group: Waiting[]): Promise<void> {
    try {
      const outputs = await this.decoder.forwardBatch!(
        group.map(({ sequence }) => sequence),
        group.map(({ input }) => input),
      );
      group.forEach(({ resolve }, index) => {
        resolve(outputs[index]);
      });
    } catch (error) {
      const aborted = group.filter(({ input }) => input.signal?.aborted);
      const failed = aborted.length > 0 ? aborted : group;
      for (const { reject } of failed) reject(error);
      // One member's abort stops the forward for all; the caches are as before, so the others run
      // again.
      const rest = group.filter((member) => !failed.includes(member));
      if (rest.length > 0) await this.#runGroup(rest);
    }
  }
}

function runAlone({ sequence, input, resolve, reject }: Waiting): void {
  sequence.forward(input).then(resolve, reject);
}

/** Equal for forwards that fit into one batch; undefined for one that must run alone. */
function batchKey(input: ForwardInput): string | undefined {
  const { ids, want } = input;
  const isPlain =
    ids.length === 1 && evidenceWanted(want).length === 0 && (want?.logits ?? 'last') === 'last';
  return isPlain ? inputsBatchKey(input) : undefined;
}
