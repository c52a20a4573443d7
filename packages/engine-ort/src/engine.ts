import {
  type Capability,
  type CheckedForward,
  capabilitiesUsed,
  type DecoderShape,
  type ForwardOutput,
  StateError,
} from '@pliant/core';
import { AttentionScores } from './attention-scores.js';
import { Forwards } from './forwards.js';
import type { ModelGraph } from './graph/model-graph.js';
import { addPorts } from './graph/ports.js';
import { mayRoundRowsAlike } from './graph/rows-round-alike.js';
import type { KeyRotations } from './key-rotations.js';
import { KvCache } from './kv-cache.js';
import type { Runtime, RuntimeSession } from './runtime/runtime.js';
import type { BatchMember } from './sequence.js';
import { SessionCache } from './session-cache.js';
import { roundsRowsAlike, runInPieces, wantsEvidence } from './stepwise.js';
import { Turns } from './turns.js';

/** What `openDecoder` found out, shared by a decoder and its drafts. */
export interface OpenedModel {
  /** With config.json and tokenizer.json. */
  readonly folder: string;
  /** The ONNX file. */
  readonly file: string;
  readonly weightsFolder: string | undefined;
  readonly graph: ModelGraph;
  readonly runtime: Runtime;
  /** Why it is this runtime. */
  readonly runtimeReason: string;
  readonly threads: number;
  readonly telemetry: boolean;
  /** How layers are skipped: see `openDecoder`. */
  readonly skipping: 'gates' | 'cut';
  readonly keyRotations: KeyRotations;
  /** Of the ONNX file and the weights; read once. */
  readonly fingerprint: () => Promise<string>;
  readonly defaults?: { readonly [middleware: string]: unknown };
}

/** Sessions with ports are large (weights are packed anew for each), so no more than these are kept. */
const sessionLimit = 2;

/** Rows that a session of stepwise attention has at least: fewer cost nearly as many. */
const leastStepwise = 8;
/** And at most, where rows can be read in pieces: each row of the session costs an attention operator a layer, whether it is used or not. */
const mostStepwise = 16;

/** Sessions of one decoder and the forwards on them, one at a time. */
export class Engine {
  readonly #sessions = new SessionCache(sessionLimit);
  /** Of stepwise attention: beside the others, which serve the steps between verifications. */
  readonly #stepwiseSessions = new SessionCache(1);
  readonly #turns = new Turns();
  readonly #scores: AttentionScores;
  readonly #forwards: Forwards;
  /** Rows of the session of stepwise attention, at most `mostStepwise`: the longest forward so far decides, so that lengths in turn do not rebuild it. */
  #stepwiseRows = leastStepwise;
  #alike: boolean | undefined;
  #closed = false;

  constructor(
    private readonly model: OpenedModel,
    private readonly shape: DecoderShape,
  ) {
    const { runtime, graph } = model;
    this.#scores = new AttentionScores(runtime, graph, (bytes) => this.#load(bytes));
    this.#forwards = new Forwards(runtime, shape, this.#scores);
  }

  /** Ports of the sessions that are loaded, the latest used last. */
  get sessions(): readonly string[] {
    return [...this.#sessions.keys, ...this.#stepwiseSessions.keys];
  }

  /** Builds the sessions that serve these needs. */
  async prepare(needs: readonly Capability[]): Promise<void> {
    await this.#turns.run(async () => {
      await this.#session(needs);
      if (needs.includes('logits.stepwise')) await this.#roundsRowsAlike(needs);
    });
  }

  run(members: readonly BatchMember[]): Promise<ForwardOutput[]> {
    return this.#turns.run(async () => {
      const needs = members.flatMap(({ sequence, input }) => [
        ...sequence.needs,
        ...capabilitiesUsed(input),
      ]);
      const signals = members.flatMap(({ input }) => input.signal ?? []);
      const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
      signal?.throwIfAborted();
      const cached = members.map(({ sequence, input, checked }) => ({
        cache: sequence.rows,
        input,
        checked,
      }));
      const [{ input, checked }] = members;
      const rows = input.want?.stepwise ? checked.ids.length : 1;
      const atOnce = rows > 1 && (await this.#roundsRowsAlike(needs)) ? mostStepwise : 1;
      if (rows > atOnce && !(atOnce > 1 && wantsEvidence(input))) {
        const pieces = await this.#session(needs, checked, atOnce);
        return [await runInPieces(this.#forwards, pieces, cached[0], atOnce, signal)];
      }
      const session = await this.#session(needs, checked, rows);
      return this.#forwards.run(session, cached, signal);
    });
  }

  /** Stops the forward under way, where the runtime can, and refuses those that wait. */
  close(): Promise<void> {
    this.#closed = true;
    this.#sessions.interrupt();
    this.#stepwiseSessions.interrupt();
    this.#scores.interrupt();
    return this.#turns.run(async () => {
      this.#forwards.release();
      await this.#scores.close();
      await this.#sessions.close();
      await this.#stepwiseSessions.close();
    });
  }

  /** Tried once: whether one forward can stand for several of one token. */
  async #roundsRowsAlike(needs: readonly Capability[]): Promise<boolean> {
    const { graph, runtime } = this.model;
    const { shape } = this;
    this.#alike ??=
      runtime.inPlace &&
      mayRoundRowsAlike(graph.index) &&
      (await roundsRowsAlike(
        this.#forwards,
        await this.#session(needs),
        await this.#session(needs, {}, 2),
        () => new KvCache(shape, { maxPositions: shape.maxPositions }),
      ));
    return this.#alike;
  }

  /**
   * @param gates of the forward: where layers are cut out, each set of them has a session
   * @param rows that are computed as forwards of one token each
   */
  #session(
    needs: readonly Capability[],
    { gates: layerGates, scales }: Pick<CheckedForward, 'gates' | 'scales'> = {},
    rows = 1,
  ): Promise<RuntimeSession> {
    if (this.#closed) throw new StateError('the decoder was closed');
    // One row alone is computed so by any session.
    const stepwise = rows > 1 ? this.#stepwiseRowsFor(rows) : 0;
    const cuts = this.model.skipping === 'cut' || stepwise > 0;
    const gates = !cuts && needs.includes('layers.skip');
    const queries = needs.includes('scores');
    const hiddenMeans = needs.includes('hidden.means');
    const influences = needs.includes('block.influences');
    const leftOut = cuts ? skippedBy(layerGates) : [];
    const names = [
      gates && 'gates',
      queries && 'queries',
      hiddenMeans && 'hiddenMeans',
      influences && 'influences',
      leftOut.length > 0 && `${scales ? 'scaled ' : ''}without ${leftOut.join(', ')}`,
      stepwise > 0 && `stepwise ${stepwise}`,
    ];
    const sessions = stepwise > 0 ? this.#stepwiseSessions : this.#sessions;
    return sessions.get(names.filter(Boolean).join('+') || 'plain', () =>
      this.#load(
        addPorts(this.model.graph, {
          cache: this.model.runtime.inPlace ? 'in-place' : 'new-rows',
          gates,
          queries,
          hiddenMeans,
          influences,
          leftOut,
          scales: leftOut.length > 0 && scales !== undefined,
          stepwise,
          layers: this.shape.layers,
        }),
      ),
    );
  }

  #stepwiseRowsFor(rows: number): number {
    const power = 2 ** Math.ceil(Math.log2(rows));
    if (power > mostStepwise) return power;
    this.#stepwiseRows = Math.max(this.#stepwiseRows, power);
    return this.#stepwiseRows;
  }

  #load(graph: Uint8Array): Promise<RuntimeSession> {
    const { runtime, weightsFolder, threads } = this.model;
    return runtime.load(graph, { weightsFolder, threads });
  }
}

function skippedBy(gates: Uint8Array = new Uint8Array()): number[] {
  return [...gates.keys()].filter((layer) => gates[layer] === 0);
}
