import { argmax } from '@pliant/core';
import { openDecoder, type RuntimeKind } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { threads } from '../setup.js';
import { type Contestant, Stopwatch } from './contestant.js';

const chunkTokens = 512;

/**
 * A loop over the engine's sequences: what the pipeline adds to the engine shows against this one.
 */
export async function openSequenceLoop(runtime: RuntimeKind): Promise<Contestant> {
  const decoder = await openDecoder(smollm2, { runtime, threads });
  await decoder.prepare();
  return {
    async run(ids, tokens) {
      const watch = new Stopwatch();
      const sequence = await decoder.open({ rows: ids.length + tokens });
      let from = 0;
      for (; ids.length - from > chunkTokens; from += chunkTokens)
        await sequence.forward({
          ids: ids.subarray(from, from + chunkTokens),
          want: { logits: 'none' },
        });
      let { logits } = await sequence.forward({ ids: ids.subarray(from) });
      for (let token = argmax(logits); ; token = argmax(logits)) {
        watch.token(token);
        if (--tokens === 0) break;
        ({ logits } = await sequence.forward({ ids: Int32Array.of(token) }));
      }
      sequence.close();
      return watch.timing();
    },
  };
}
