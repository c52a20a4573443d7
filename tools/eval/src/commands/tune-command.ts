import { Journal } from '@pliant/calibrate/journal';
import { InvalidOptionsError } from '@pliant/core';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { command, count, saveFile } from '@pliant/shared/command';
import { openTokenizer } from '@pliant/transformers';
import { z } from 'zod';
import { readDocuments } from '../real/questions/documents.js';
import { halfOf } from '../real/questions/halves.js';
import { HeadReader } from '../tune/head-reader.js';
import { fewestThatPay, timeReadings } from '../tune/min-tokens.js';
import { readAll } from '../tune/read-all.js';
import { tuneHeads } from '../tune/tune-heads.js';
import { formatTuning } from '../tune/tuning-table.js';

const usage = `node tools/eval/dist/main.js tune [options]

  --model FOLDER     the model whose heads are looked at (default: the embedded one)
  --layers N         its first layers, how deep to look (default: all)
  --every N          each N-th document (default 1)
  --state FILE       a journal: what was read is not read again in a later run
  --out FILE         for the defaults and the figures, in JSON (default: the table is printed only)
`;

/** Documents: one is left out for the choice of depth, another for that of heads. */
const fewest = 3;

const schema = z.strictObject({
  model: z.string().optional(),
  layers: count(1).optional(),
  every: count(1).default(1),
  state: z.string().optional(),
  out: z.string().optional(),
});

/**
 * Finds the layers and query heads of a model that tell where the answer to a question stands, on
 * the half of the documents that is there to tune on.
 */
export const tuneCommand = command({ name: 'tune', options: schema, usage, run });

async function run({ model, layers, every, state, out }: z.output<typeof schema>): Promise<void> {
  const documents = halfOf(readDocuments(), 'tune').filter((_, i) => i % every === 0);
  if (documents.length < fewest)
    throw new InvalidOptionsError('tune', [
      {
        path: 'every',
        message: `leaves ${documents.length} documents, but heads are judged on documents left out in turn, which takes ${fewest}: give a smaller number`,
      },
    ]);
  const source = model ?? smollm2;
  const decoder = await openDecoder(source);
  const draft = layers === undefined ? decoder : decoder.draft({ layers });
  const journal =
    state === undefined
      ? undefined
      : Journal.open(state, {
          format: 'pliant-head-readings',
          version: 1,
          fingerprint: await decoder.fingerprint(),
          layers: draft.shape.layers,
        });
  const tokenizer = await openTokenizer(source);
  const reader = new HeadReader(draft, tokenizer);
  const readings = await readAll(reader, documents, journal, (line) => console.error(line));
  reader.close();
  const tuning = tuneHeads(readings, draft.shape, decoder.shape.layers);
  console.log(formatTuning(tuning));
  const times = await timeReadings(
    decoder,
    decoder.draft({ layers: tuning.draft }),
    tokenizer.encode(documents[0].text),
  );
  const minTokens = fewestThatPay(times);
  const { draft: depth, heads } = tuning;
  const defaults = { 'prompt-compress': { draft: depth, ...(heads && { heads }), minTokens } };
  console.log(JSON.stringify(defaults));
  if (out) {
    const result = { model: decoder.id, defaults, ...tuning, times };
    saveFile(out, `${JSON.stringify(result, null, 2)}\n`);
  }
  await decoder.close();
}
