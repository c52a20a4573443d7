import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { argmax } from '@pliant/core';
import type { RuntimeKind } from '@pliant/engine-ort';
import { smollm2 } from '@pliant/model-smollm2-135m';
import { addPorts } from '../../../../packages/engine-ort/dist/graph/assemble/ported-model.js';
import * as ports from '../../../../packages/engine-ort/dist/graph/ports/port-names.js';
// The loop stands below the engine's interface on purpose: nothing of the engine runs between two
// tokens.
import { readModelGraph } from '../../../../packages/engine-ort/dist/graph/read/model-graph.js';
import { openRuntime } from '../../../../packages/engine-ort/dist/runtime/open-runtime.js';
import type { Runtime, Tensor } from '../../../../packages/engine-ort/dist/runtime/runtime.js';
import { threads } from '../setup.js';
import { type Contestant, Stopwatch } from './contestant.js';

const chunkTokens = 512;

/**
 * The same edited graph on the same runtime with buffers made once, and nothing else: the floor.
 */
export async function openBareLoop(kind: RuntimeKind): Promise<Contestant> {
  const { runtime } = await openRuntime({ runtime: kind, threads, telemetry: false });
  const file = path.join(smollm2.folder, smollm2.file);
  const config = JSON.parse(await readFile(path.join(smollm2.folder, 'config.json'), 'utf8'));
  const graph = readModelGraph(await readFile(file), config);
  const { shape } = graph;
  const none = { gates: false, layers: shape.layers };
  const bytes = addPorts(graph, { cache: runtime.inPlace ? 'in-place' : 'new-rows', ...none });
  const session = await runtime.load(bytes, { threads, weightsFolder: path.dirname(file) });

  return {
    async run(ids, tokens) {
      const watch = new Stopwatch();
      const capacity = ids.length + tokens;
      const cache = makeCache(runtime, shape, capacity);
      let rows = 0;

      function prepare(count: number, logits: Float32Array) {
        const logitRows = logits.length / shape.vocabulary;
        const data = {
          ids: new BigInt64Array(count),
          positions: new BigInt64Array(count),
          last: new Int32Array(shape.layers),
          total: new Int32Array(shape.layers),
        };
        const small = {
          [ports.INPUT_IDS]: runtime.tensor(data.ids, [1, count]),
          [ports.POSITION_IDS]: runtime.tensor(data.positions, [1, count]),
          [ports.SEQLENS_K]: runtime.tensor(data.last, [shape.layers, 1]),
          [ports.TOTAL_SEQUENCE_LENGTH]: runtime.tensor(data.total, [shape.layers]),
          [ports.LOGIT_ROWS]: runtime.tensor(BigInt64Array.of(BigInt(logitRows)), [1]),
        };
        const outputs = {
          ...cache.outputs(count),
          ...(logitRows > 0 && {
            [ports.LOGITS]: runtime.tensor(logits, [1, logitRows, shape.vocabulary]),
          }),
        };
        const run = session.prepare({ ...small, ...cache.inputs }, outputs);
        return async (chunk: ArrayLike<number>) => {
          for (let i = 0; i < count; i++) {
            data.ids[i] = BigInt(chunk[i]);
            data.positions[i] = BigInt(rows + i);
          }
          data.last.fill(rows + count - 1);
          data.total.fill(rows + count);
          await session.run(run);
          cache.write(outputs, rows, count);
          rows += count;
        };
      }

      const logits = new Float32Array(shape.vocabulary);
      for (let from = 0; from < ids.length; from += chunkTokens) {
        const chunk = ids.subarray(from, from + chunkTokens);
        const isLast = from + chunkTokens >= ids.length;
        await prepare(chunk.length, isLast ? logits : new Float32Array(0))(chunk);
      }
      const step = prepare(1, logits);
      for (let token = argmax(logits); ; token = argmax(logits)) {
        watch.token(token);
        if (--tokens === 0) break;
        await step([token]);
      }
      return watch.timing();
    },
  };
}

interface Sizes {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** Buffers of a cache: updated in place where the runtime can, else the new rows are copied in. */
function makeCache(runtime: Runtime, { layers, kvHeads, headDim }: Sizes, capacity: number) {
  const inputs: { [name: string]: Tensor } = {};
  const pairs: [past: string, present: string][] = [];
  for (let layer = 0; layer < layers; layer++)
    pairs.push(
      [ports.pastKey(layer), ports.presentKey(layer)],
      [ports.pastValue(layer), ports.presentValue(layer)],
    );
  for (const [past] of pairs)
    inputs[past] = runtime.tensor(new Float32Array(kvHeads * capacity * headDim), [
      1,
      kvHeads,
      capacity,
      headDim,
    ]);
  return {
    inputs,
    outputs(count: number): { [name: string]: Tensor } {
      const own = (past: string) =>
        runtime.inPlace
          ? inputs[past]
          : runtime.tensor(new Float32Array(kvHeads * count * headDim), [
              1,
              kvHeads,
              count,
              headDim,
            ]);
      return Object.fromEntries(pairs.map(([past, present]) => [present, own(past)]));
    },
    write(outputs: { [name: string]: Tensor }, rows: number, count: number): void {
      if (runtime.inPlace) return;
      for (const [past, present] of pairs) {
        const from = outputs[present].data as Float32Array;
        const to = inputs[past].data as Float32Array;
        for (let head = 0; head < kvHeads; head++)
          to.set(
            from.subarray(head * count * headDim, (head + 1) * count * headDim),
            (head * capacity + rows) * headDim,
          );
      }
    },
  };
}
