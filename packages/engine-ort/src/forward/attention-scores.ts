import type { ScoresRequest } from '@pliant/core';
import { futurePositions } from '@pliant/core/engine';
import type { KvCache } from '../cache/kv-cache.js';
import type { QueryRows } from '../graph/evidence/evidence-port.js';
import type { ModelGraph } from '../graph/read/model-graph.js';
import {
  buildScoresGraph,
  SCORES,
  SCORES_KEYS,
  SCORES_POSITIONS,
  SCORES_QUERY,
  SCORES_ROW_WEIGHTS,
  SCORES_ROWS,
  type ScoresGraphOptions,
  scoresGraphKey,
} from '../graph/scores/scores-graph.js';
import type { Runtime, RuntimeSession, Tensor } from '../runtime/runtime.js';
import type { SessionCache } from './session-cache.js';

/**
 * Computes attention scores from captured queries and cached keys by a small graph, a layer at a
 * time.
 */
export class AttentionScores {
  constructor(
    private readonly runtime: Runtime,
    private readonly graph: ModelGraph,
    private readonly sessions: SessionCache,
    private readonly load: (graph: Uint8Array) => Promise<RuntimeSession>,
    private readonly hold: (session: RuntimeSession) => void,
  ) {}

  /**
   * @param newRows rows that the forward wrote and the cache does not count yet
   * @returns layer -> [kvHeads, T] or [heads, T]; a layer that was skipped is left out
   */
  async compute(
    request: ScoresRequest,
    captured: QueryRows,
    cache: KvCache,
    newRows: number,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<number, Float32Array>> {
    const layers = request.layers ?? [...captured.layers.keys()];
    const scores = new Map<number, Float32Array>();
    for (const layer of layers) {
      const queries = captured.layers.get(layer);
      if (queries)
        scores.set(
          layer,
          await this.#layer(request, layer, queries, captured, cache, newRows, signal),
        );
    }
    return scores;
  }

  async #layer(
    request: ScoresRequest,
    layer: number,
    queries: Float32Array,
    captured: QueryRows,
    cache: KvCache,
    newRows: number,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array> {
    const { heads, headDim, kvHeads, maxPositions } = this.graph.shape;
    const { rows, rowWeights, reduceRows, reduceHeads, future } = request;
    const options: ScoresGraphOptions = {
      reduceRows,
      reduceHeads,
      weighted: rowWeights !== undefined,
      expected: future !== undefined,
    };
    const session = await this.sessions.get({
      owner: this,
      name: scoresGraphKey(this.graph, layer, options),
      bytes: this.#tableBytes(layer),
      build: () => this.load(buildScoresGraph(this.graph, layer, options)),
      hold: this.hold,
    });
    const { block, slot } = cache.layer(layer);
    const total = cache.rows(layer) + newRows;
    const skip = captured.rows - rows;
    const positions =
      future === undefined
        ? captured.positions.subarray(skip)
        : futurePositions(captured.positions[captured.rows - 1], future, maxPositions);
    const own: { [name: string]: Tensor } = {
      [SCORES_QUERY]: this.runtime.tensor(queries.subarray(skip * heads * headDim), [
        1,
        rows,
        heads * headDim,
      ]),
      [SCORES_POSITIONS]: this.runtime.tensor(BigInt64Array.from(positions, BigInt), [
        1,
        positions.length,
      ]),
      [SCORES_ROWS]: this.runtime.tensor(BigInt64Array.of(BigInt(total)), [1]),
      ...(rowWeights && { [SCORES_ROW_WEIGHTS]: this.runtime.tensor(rowWeights, [rows]) }),
    };
    const result = new Float32Array((reduceHeads === 'none' ? heads : kvHeads) * total);
    const output = this.runtime.tensor(result, [result.length / total, total]);
    try {
      const keys = block.tensors(this.runtime, slot, 1)[0];
      await session.run(
        session.prepare({ ...own, [SCORES_KEYS]: keys }, { [SCORES]: output }),
        signal,
      );
      return result;
    } finally {
      for (const tensor of [...Object.values(own), output]) tensor.release();
    }
  }

  /** Bytes that its session takes: the rotation tables. */
  #tableBytes(layer: number): number {
    const { rotary } = this.graph.attentions[layer];
    return typeof rotary === 'object' ? 4 * rotary.positions * rotary.dimensions : 0;
  }

  interrupt(): void {
    this.sessions.interrupt(this);
  }

  close(): Promise<void> {
    return this.sessions.closeOf(this);
  }
}
