import { type Middleware, pipeline } from '@pliant/core';
import { openDecoder, type RuntimeKind } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { openEndlessTokenizer, threads } from '../setup.js';
import { type Contestant, Stopwatch } from './contestant.js';

/** The pipeline as a user runs it, by default without middlewares. */
export async function openPipeline(
  runtime: RuntimeKind,
  middleware?: Middleware<string, (typeof smollm2.capabilities)[number]>,
): Promise<Contestant> {
  const decoder = await openDecoder(smollm2, { runtime, threads });
  const plain = pipeline(decoder, { tokenizer: await openEndlessTokenizer() });
  const stack = middleware ? plain.use(middleware) : plain;
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
