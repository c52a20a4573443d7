import os from 'node:os';
import { command, runCommand, saveFile } from '@pliant/shared/command';
import { z } from 'zod';
import { isMet, type Measure, type Row } from './measure.js';
import { constrainOverhead } from './measures/constrain/constrain.js';
import { constrainPeers } from './measures/constrain/constrain-peers.js';
import { eventLoop } from './measures/event-loop.js';
import { growth } from './measures/growth.js';
import { kvDropAt2048, kvDropAt4096 } from './measures/kv-drop.js';
import { kvMemory } from './measures/kv-memory.js';
import { layerSkipAt512 } from './measures/layer-skip.js';
import { load } from './measures/load.js';
import { losslessTexts } from './measures/lossless.js';
import { memoryAt2048 } from './measures/memory.js';
import { promptCompressAt2048, promptCompressBreakEven } from './measures/prompt-compress.js';
import { promptLookupSpeed } from './measures/prompt-lookup.js';
import { selfSpeculateSpeed } from './measures/self-speculate.js';
import { smcSteps } from './measures/smc.js';
import { decodeAt64, speedAt2048 } from './measures/speed.js';
import { formatTable } from './report.js';

const measures: { readonly [name: string]: Measure } = {
  load,
  'decode-64': decodeAt64,
  'speed-2048': speedAt2048,
  memory: memoryAt2048,
  'event-loop': eventLoop,
  'kv-drop': kvDropAt2048,
  'kv-drop-4096': kvDropAt4096,
  'kv-memory': kvMemory,
  'prompt-compress': promptCompressAt2048,
  'prompt-compress-break-even': promptCompressBreakEven,
  'layer-skip': layerSkipAt512,
  'prompt-lookup': promptLookupSpeed,
  'self-speculate': selfSpeculateSpeed,
  lossless: losslessTexts,
  constrain: constrainOverhead,
  'constrain-peers': constrainPeers,
  growth,
  smc: smcSteps,
};

/** Takes as long as all the others together. */
const onlyNamed = ['lossless'];

const usage = `node tools/bench/dist/main.js [names] [options]

  names        ${Object.keys(measures).join(', ')} (default: all but ${onlyNamed.join(', ')})
  --quick      fewer rounds and tokens
  --json FILE  the figures as JSON
`;

const options = z.strictObject({
  measures: z
    .array(z.enum(Object.keys(measures)))
    .default(Object.keys(measures).filter((name) => !onlyNamed.includes(name))),
  quick: z.boolean().default(false),
  json: z.string().optional(),
});

const bench = command({ name: 'bench', positional: 'measures', options, usage, run });
await runCommand(bench, process.argv.slice(2));

async function run({ measures: names, quick, json }: z.output<typeof options>): Promise<void> {
  const effort = quick ? { rounds: 3, newTokens: 16 } : { rounds: 7, newTokens: 48 };
  const rows: Row[] = [];
  for (const name of names) {
    console.error(`measuring ${name}`);
    rows.push(...(await measures[name](effort)));
  }
  const machine = {
    cpu: os.cpus()[0]?.model,
    cores: os.availableParallelism(),
    platform: `${os.platform()} ${os.arch()}`,
    node: process.version,
  };
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}\n`,
  );
  console.log(formatTable(rows));
  const missed = rows.filter((row) => isMet(row) === false);
  console.log(`\n${rows.filter((row) => isMet(row)).length} targets met, ${missed.length} missed`);
  if (json) saveFile(json, `${JSON.stringify({ machine, effort, rows }, null, 2)}\n`);
}
