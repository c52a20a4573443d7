import { tokenTrie } from '@pliant/constrain';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { exponentOf, summarise } from '@pliant/shared/statistics';
import { openTokenizer } from '@pliant/transformers';
import { type GrowingInput, growingInputs } from '../growth-inputs.js';
import { type Effort, once, type Row } from '../measure.js';

/** Near linear: less than 2.7 times as long for twice as much. */
const mostExponent = 1.4;
/** Times below say little, whatever they grow with. */
const leastMs = 20;

/**
 * How the CPU time of each input grows: the exponent of its size, over sizes of which each is twice
 * the one before.
 */
export async function growth({ rounds }: Effort): Promise<Row[]> {
  const tokenizer = await openTokenizer(smollm2);
  const rows: Row[] = [];
  for (const input of growingInputs(tokenizer, tokenTrie(tokenizer)))
    rows.push(...measureInput(input, rounds));
  return rows;
}

function measureInput({ name, sizes, prepare }: GrowingInput, rounds: number): Row[] {
  cpuMs(prepare(sizes[0]));
  const times = Array.from({ length: rounds }, () => sizes.map((n) => cpuMs(prepare(n))));
  const largest = times.map((row) => row[row.length - 1]);
  const exponents = times.map((row) => exponentOf(sizes, row));
  const last = sizes[sizes.length - 1];
  const ms = summarise(largest);
  return [
    {
      what: `${name}: exponent, ${sizes[0]} to ${last}`,
      unit: '',
      value: ms.median < leastMs ? once(0) : summarise(exponents),
      target: { atMost: mostExponent },
    },
    { what: `${name}: ${last}`, unit: 'ms of CPU', value: ms },
  ];
}

function cpuMs(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
