import { pipeline } from '@pliant/core';
import { openDecoder, type RuntimeKind } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openEndlessTokenizer, threads } from '../setup.js';
import { type Contestant, Stopwatch } from './contestant.js';

/** The pipeline without middlewares, as a user runs it. */
export async function openPipeline(runtime: RuntimeKind): Promise<Contestant> {
  const decoder = await openDecoder(smollm2, { runtime, threads });
  const stack = pipeline(decoder, { tokenizer: await openEndlessTokenizer() });
  await stack.prepare();
  return {
    async run(ids, tokens) {
      const watch = new Stopwatch();
      const generation = await stack.start({ ids }, { maxNewTokens: tokens });
      while (!generation.done)
        for (const token of (await generation.step()).tokens) watch.token(token);
      await generation.close();
      return watch.timing();
    },
  };
}
