import path from 'node:path';
import { argmax } from '@pliant/core';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { threads } from '../setup.js';
import { type Contestant, Stopwatch } from './contestant.js';

/**
 * onnxruntime-node on the unedited file, the cache fed back from the outputs: what one writes
 * without an engine.
 */
export async function openCacheAsOutputs(): Promise<Contestant> {
  const session = await InferenceSession.create(path.join(smollm2.folder, smollm2.file), {
    intraOpNumThreads: threads,
  });
  return {
    async run(ids, tokens) {
      const watch = new Stopwatch();
      let cache: { [name: string]: Tensor } = {};
      for (const name of session.inputNames)
        if (name.startsWith('past_key_values'))
          cache[name] = new Tensor('float32', new Float32Array(0), [1, 3, 0, 64]);
      let rows = 0;

      async function forward(chunk: ArrayLike<number>): Promise<Float32Array> {
        const count = chunk.length;
        rows += count;
        const results = await session.run({
          input_ids: new Tensor(
            'int64',
            BigInt64Array.from({ length: count }, (_, i) => BigInt(chunk[i])),
            [1, count],
          ),
          attention_mask: new Tensor('int64', new BigInt64Array(rows).fill(1n), [1, rows]),
          ...cache,
        });
        cache = Object.fromEntries(
          Object.keys(cache).map((name) => [
            name,
            results[name.replace('past_key_values', 'present')] as Tensor,
          ]),
        );
        const { data, dims } = results.logits;
        return (data as Float32Array).subarray((dims[1] - 1) * dims[2]);
      }

      for (let logits = await forward(ids); ; ) {
        const token = argmax(logits);
        watch.token(token);
        if (--tokens === 0) break;
        logits = await forward([token]);
      }
      return watch.timing();
    },
  };
}
