import path from 'node:path';
import type { TextStreamer } from '@huggingface/transformers';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { threads } from '../setup.js';
import { type Contestant, Stopwatch } from './contestant.js';

/** `generate` of @huggingface/transformers 4, times from its streamer. */
export async function openTransformersJs(): Promise<Contestant> {
  const { AutoModelForCausalLM, env, Tensor, BaseStreamer } = await import(
    '@huggingface/transformers'
  );
  env.localModelPath = path.dirname(smollm2.folder);
  env.allowRemoteModels = false;
  const model = await AutoModelForCausalLM.from_pretrained(path.basename(smollm2.folder), {
    dtype: 'q8',
    device: 'cpu',
    session_options: { intraOpNumThreads: threads },
  });

  class Streamer extends BaseStreamer {
    #isPrompt = true;
    constructor(private readonly watch: Stopwatch) {
      super();
    }
    override put(value: bigint[][]): void {
      if (this.#isPrompt) this.#isPrompt = false;
      else this.watch.token(Number(value[0][0]));
    }
    override end(): void {}
  }

  return {
    async run(ids, tokens) {
      const watch = new Stopwatch();
      const shape = [1, ids.length];
      await model.generate({
        inputs: new Tensor('int64', BigInt64Array.from(ids, BigInt), shape),
        attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
        max_new_tokens: tokens,
        min_new_tokens: tokens,
        do_sample: false,
        // The types ask for a TextStreamer; only put and end are called.
        streamer: new Streamer(watch) as unknown as TextStreamer,
      });
      return watch.timing();
    },
  };
}
