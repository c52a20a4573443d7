import { join } from 'node:path';
import { tokenTrie } from '@pliant/constrain';
import { openDecoder } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { command, count, saveFile } from '@pliant/shared/command';
import { openTokenizer } from '@pliant/transformers';
import { z } from 'zod';
import { readCaseSet } from '../schemas/case-set.js';
import { checkCase } from '../schemas/check-case.js';
import { compactJson } from '../schemas/compact-json.js';
import { compareMasks } from '../schemas/compare-masks.js';
import { type GeneratedValue, generateValues } from '../schemas/generate-values.js';
import { measureTimes, type Times } from '../schemas/measure-times.js';
import { formatSchemaReport, type SchemaReport } from '../schemas/schema-report.js';

const usage = `node tools/eval/dist/main.js schemas --dir FOLDER [options]

  --dir FOLDER       with schemas.json (schemas and instances); schemas-peers.json and token-oracle.json are
                     compared with where they are there
  --only a,b         ids of schemas (default: all)
  --every N          masks before every N-th token of the valid instances; 0: none (default 7)
  --generate N       lets the embedded model write N values of random schemas (default 0)
  --tokens N         most tokens of each (default 512)
  --seed N           first seed (default 1)
  --compact          lets it write without blanks, in the schema's order, with the shortest escapes (default: any way)
  --jump-forward     reads text that must follow in one forward
  --on-length KIND   cut (default) or complete: closes what would be cut
  --out FOLDER       for schemas.json and schemas.md (default: the tables are printed only)
`;

const schema = z.strictObject({
  dir: z.string({ error: 'is needed: a folder with schemas.json' }),
  only: z
    .string()
    .transform((ids) => ids.split(','))
    .optional(),
  every: count(0).default(7),
  generate: count(0).default(0),
  tokens: count(1).default(512),
  seed: count(0).default(1),
  compact: z.boolean().default(false),
  'jump-forward': z.boolean().default(false),
  'on-length': z.enum(['cut', 'complete']).default('cut'),
  out: z.string().optional(),
});

/**
 * Tries JSON Schemas with instances on `jsonSchema()`: what is compiled, what is judged wrongly,
 * how long masks and checks take with the vocabulary of the embedded model, and what the model
 * writes under them.
 */
export const schemasCommand = command({ name: 'schemas', options: schema, usage, run });

async function run(options: z.output<typeof schema>): Promise<void> {
  const { dir, only, every, generate, tokens, seed, out } = options;
  const set = readCaseSet(dir);
  const cases = set.cases.filter(({ id }) => !only || only.includes(id));
  const tokenizer = await openTokenizer(smollm2);
  const trie = tokenTrie(tokenizer);
  const checked = cases.map(checkCase);
  const times: Times = { masks: [], checks: [] };
  if (every > 0)
    for (const [index, { constraint, accepted }] of checked.entries())
      for (const [instance, { text }] of cases[index].tests.entries()) {
        if (!constraint || !accepted[instance]) continue;
        const own = measureTimes(constraint, text, tokenizer, trie, every);
        times.masks.push(...own.masks);
        times.checks.push(...own.checks);
      }
  const masks = set.oracle && compareMasks(set.oracle, cases, tokenizer, trie);
  const generated: GeneratedValue[] = [];
  const report = (): SchemaReport => ({ checked, peers: set.peers, times, masks, generated });
  if (generate > 0) {
    const decoder = await openDecoder(smollm2);
    for await (const value of generateValues({
      decoder,
      tokenizer,
      cases,
      count: generate,
      maxNewTokens: tokens,
      seed,
      json: options.compact ? compactJson : {},
      constrain: { jumpForward: options['jump-forward'], onLength: options['on-length'] },
    })) {
      generated.push(value);
      console.error(
        `${generated.length}: ${value.id}, ${value.tokens} tokens, ${value.finishReason}, valid: ${value.valid}`,
      );
      if (out) save(out, report());
    }
    await decoder.close();
  }
  if (out) save(out, report());
  console.log(formatSchemaReport(report()));
}

function save(folder: string, report: SchemaReport): void {
  const { times, checked, ...others } = report;
  const plain = checked.map(({ constraint, ...rest }) => rest);
  const json = { ...others, checked: plain, times };
  saveFile(join(folder, 'schemas.json'), `${JSON.stringify(json, null, 1)}\n`);
  saveFile(join(folder, 'schemas.md'), formatSchemaReport(report));
}
