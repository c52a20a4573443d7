import { join } from 'node:path';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { command, count, names, saveFile } from '@pliant/shared/command';
import { openTokenizer } from '@pliant/transformers';
import { z } from 'zod';
import { draftLayers } from '../methods/draft-layers.js';
import { ask } from '../real/ask.js';
import { breakdownsOf, type Item, itemsOf } from '../real/items.js';
import {
  type Keep,
  methodNames,
  methodsOf,
  untimed,
  withoutKeep,
} from '../real/methods/methods.js';
import { formNames } from '../real/questions/forms.js';
import { halfNames } from '../real/questions/halves.js';
import { formatReal } from '../real/report/real-table.js';
import { type RealAnswer, Results } from '../real/report/results.js';

const usage = `node tools/eval/dist/main.js real [options]

  --model FOLDER     the model that answers (default: the embedded one)
  --draft FOLDER     a whole smaller model as the draft (default: the model's first layers)
  --draft-layers N   first layers of the draft (default: all of a smaller model, of the model itself as measured for it)
  --heads a,b        of the draft, as layer.head from 0 (default: as measured for it, else all)
  --half NAME        tune, report or all (default tune)
  --methods a,b      ${methodNames.join(', ')} (default: all)
  --keeps a,b        tokens of a prompt or rows of the cache, or shares up to 1 (default 256,512)
  --forms a,b        ${formNames.join(', ')} (default: all)
  --every N          each N-th question (default 1)
  --out FOLDER       for answers.jsonl, which a later run goes on with, and real.md (default: the tables are printed only)
`;

const schema = z.strictObject({
  model: z.string().optional(),
  draft: z.string().optional(),
  'draft-layers': count(1).optional(),
  heads: z
    .string()
    .regex(/^\d+\.\d+(?:,\d+\.\d+)*$/, 'must be layer.head, with commas')
    .transform((given) =>
      given.split(',').map((one) => {
        const [layer, head] = one.split('.').map(Number);
        return { layer, head };
      }),
    )
    .optional(),
  half: z.enum([...halfNames, 'all']).default('tune'),
  methods: names(methodNames),
  keeps: z
    .string()
    .default('256,512')
    .transform((numbers) => numbers.split(',').map(Number))
    .pipe(z.array(z.union([z.number().gt(0).max(1), z.int().min(2)]))),
  forms: names(formNames),
  every: count(1).default(1),
  out: z.string().optional(),
});

/**
 * Evaluates ways of shortening prompts and caches on questions about real documents.
 */
export const realCommand = command({ name: 'real', options: schema, usage, run });

async function run(options: z.output<typeof schema>): Promise<void> {
  const { model, draft, half, heads, methods, keeps, forms, every, out } = options;
  const items = itemsOf(half, forms, every);
  const decoder = await openDecoder(model ?? smollm2);
  const tokenizer = await openTokenizer(model ?? smollm2);
  const smaller = draft === undefined ? undefined : await openDecoder(draft);
  const layers = options['draft-layers'] ?? (smaller ? undefined : draftLayers(decoder));
  const drafting = layers === undefined ? smaller! : (smaller ?? decoder).draft({ layers });
  const make = methodsOf(drafting, smaller ?? decoder, heads && { heads });
  // Answers by other heads are those of another draft.
  const byHeads = heads?.map(({ layer, head }) => `${layer}.${head}`).join(',');
  const named = {
    model: decoder.id,
    draft: byHeads ? `${drafting.id}, heads ${byHeads}` : drafting.id,
  };
  const results = new Results(out, named);
  const own = { run: new Date().toISOString(), ...named };
  const columns = methods.flatMap((method) =>
    (withoutKeep.includes(method) ? [null] : keeps).map((keep) => ({ method, keep })),
  );
  for (const [i, { document, question }] of items.entries()) {
    for (const { method, keep } of columns) {
      const key = { id: question.id, method, keep };
      if (results.has(key)) continue;
      const subject = { document: document.text, question: question.question };
      const middlewares = () => make[method](keepOf(keep ?? 1), subject);
      const { ttft, ...answer } = await ask({
        decoder,
        tokenizer,
        document,
        question,
        middlewares,
      });
      results.add({ ...key, ...answer, ...(untimed.includes(method) ? {} : { ttft }), ...own });
    }
    console.error(`${i + 1} of ${items.length}: ${question.id}`);
  }
  await smaller?.close();
  await decoder.close();

  const report = formatReal(inOrder(results.answers, items), breakdownsOf(items));
  console.log(report);
  if (out) saveFile(join(out, 'real.md'), report);
}

/** @param keep up to 1 a share, above 1 tokens or rows */
function keepOf(keep: number): Keep {
  return keep > 1 ? keep : { ratio: keep };
}

/** Answers to the items, in the order of the methods. */
function inOrder(answers: readonly RealAnswer[], items: readonly Item[]): RealAnswer[] {
  const ids = new Set(items.map(({ question }) => question.id));
  const place = (method: string) => (methodNames as readonly string[]).indexOf(method);
  return answers
    .filter(({ id }) => ids.has(id))
    .toSorted((a, b) => place(a.method) - place(b.method));
}
