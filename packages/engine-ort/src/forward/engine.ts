import { type Capability, type DecoderShape, type ForwardOutput, StateError } from '@pliant/core';
import { type CheckedForward, capabilitiesUsed } from '@pliant/core/engine';
import type { KeyRotations } from '../cache/key-rotations.js';
import { KvCache } from '../cache/kv-cache.js';
import { addPorts, portedModel } from '../graph/assemble/ported-model.js';
import type { Ports } from '../graph/ports/port-options.js';
import type { ModelGraph } from '../graph/read/model-graph.js';
import { mayBeRowwiseExact } from '../graph/read/rowwise-exact.js';
import type { Runtime, RuntimeSession } from '../runtime/runtime.js';
import { AttentionScores } from './attention-scores.js';
import { Forwards } from './forwards.js';
import type { OpenSequences } from './open-sequences.js';
import type { BatchMember } from './sequence.js';
import { SerialQueue } from './serial-queue.js';
import type { SessionCache } from './session-cache.js';
import {
  portsFor,
  type SessionKind,
  servedBy,
  sessionBytes,
  sessionName,
} from './session-kinds.js';
import { isRowwiseExact, runInPieces, wantsEvidence } from './stepwise.js';

/** What `openDecoder` found, shared by a decoder and its drafts. */
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
  /** Sessions of the decoder and its drafts. */
  readonly sessions: SessionCache;
  /** Fingerprint of the ONNX file and the weights; read once. */
  readonly fingerprint: () => Promise<string>;
  readonly defaults?: { readonly [middleware: string]: unknown };
}

/** Minimum rows of a stepwise session. Smaller sessions are hardly cheaper to run. */
const leastStepwise = 8;
/**
 * Maximum rows of a stepwise session if rows can be read in pieces. Each row costs an attention
 * operator a layer, used or not.
 */
const mostStepwise = 16;

/** Sessions of one decoder and the forwards on them, one at a time. */
export class Engine {
  readonly #queue = new SerialQueue();
  /** Sessions taken by the task under way. */
  readonly #held = new Set<RuntimeSession>();
  readonly #removeHolder: () => void;
  /** Kinds of sessions asked for so far, by name. */
  readonly #kinds = new Map<string, SessionKind>();
  readonly #scores: AttentionScores;
  readonly #forwards: Forwards;
  /**
   * Capacity of the stepwise session in rows: the largest needed so far, at most `mostStepwise`.
   * Alternating lengths therefore do not rebuild it.
   */
  #stepwiseRows = leastStepwise;
  #rowwiseExact: boolean | undefined;
  #closed = false;

  constructor(
    private readonly model: OpenedModel,
    private readonly shape: DecoderShape,
    sequences: OpenSequences,
  ) {
    const { runtime, graph, sessions } = model;
    this.#removeHolder = sessions.addHolder(() => [...this.#held, ...sequences.sessions()]);
    this.#scores = new AttentionScores(
      runtime,
      graph,
      sessions,
      (bytes) => this.#load(bytes),
      this.#hold,
    );
    this.#forwards = new Forwards(runtime, shape, this.#scores);
  }

  /** Ports of the loaded sessions, the most recently used last. */
  get sessions(): readonly string[] {
    return this.model.sessions.names(this);
  }

  /** Builds the sessions that serve these needs. @returns them */
  prepare(needs: readonly Capability[]): Promise<readonly RuntimeSession[]> {
    return this.#turn(async () => {
      await this.#session(needs);
      if (needs.includes('logits.stepwise')) await this.#isRowwiseExact(needs);
      return [...this.#held];
    });
  }

  run(members: readonly BatchMember[]): Promise<ForwardOutput[]> {
    return this.#turn(async () => {
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
      const atOnce = rows > 1 && (await this.#isRowwiseExact(needs)) ? mostStepwise : 1;
      const inPieces = rows > atOnce && !(atOnce > 1 && wantsEvidence(input));
      const session = await this.#session(needs, checked, inPieces ? atOnce : rows);
      for (const { sequence } of members) sequence.hold(session);
      if (!inPieces) return this.#forwards.run(session, cached, signal);
      return [await runInPieces(this.#forwards, session, cached[0], atOnce, signal)];
    });
  }

  /** Stops the forward under way, if the runtime can, and refuses those that wait. */
  close(): Promise<void> {
    const { sessions } = this.model;
    this.#closed = true;
    sessions.interrupt(this);
    this.#scores.interrupt();
    return this.#turn(async () => {
      this.#forwards.release();
      await this.#scores.close();
      await sessions.closeOf(this);
      this.#removeHolder();
    });
  }

  readonly #hold = (session: RuntimeSession): void => {
    this.#held.add(session);
  };

  /** Runs one task at a time. Sessions that it takes stay loaded until it ends. */
  #turn<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      this.#held.clear();
      try {
        return await task();
      } finally {
        this.#held.clear();
      }
    });
  }

  /** Whether one forward can stand for several of one token. Tried once. */
  async #isRowwiseExact(needs: readonly Capability[]): Promise<boolean> {
    const { graph, runtime } = this.model;
    const { shape } = this;
    this.#rowwiseExact ??=
      runtime.inPlace &&
      mayBeRowwiseExact(graph.index) &&
      (await isRowwiseExact(
        this.#forwards,
        await this.#session(needs),
        await this.#session(needs, {}, 2),
        () => new KvCache(shape, { maxPositions: shape.maxPositions }),
      ));
    return this.#rowwiseExact;
  }

  /**
   * @param skipped what the forward skips: when layers are cut out, each set of them has a session
   * @param rows rows that are computed as forwards of one token each
   */
  #session(
    needs: readonly Capability[],
    skipped: Pick<CheckedForward, 'gates' | 'scales'> = {},
    rows = 1,
  ): Promise<RuntimeSession> {
    if (this.#closed) throw new StateError('the decoder was closed');
    const { graph, runtime, sessions, skipping } = this.model;
    // Any session computes a single row this way.
    const stepwise = rows > 1 ? this.#stepwiseRowsFor(rows) : 0;
    const ports = portsFor({
      needs,
      cuts: skipping === 'cut' || stepwise > 0,
      cache: runtime.inPlace ? 'in-place' : 'new-rows',
      layers: this.shape.layers,
      skipped,
      stepwise,
    });
    const kind = this.#loadedFor(this.#kind(ports));
    return sessions.get({
      owner: this,
      ...kind,
      build: () => this.#load(addPorts(graph, kind.ports)),
      hold: this.#hold,
    });
  }

  /**
   * The kind to load for a forward: a loaded session with more ports, if there is no room for
   * another.
   */
  #loadedFor(kind: SessionKind): SessionKind {
    const { sessions } = this.model;
    const names = sessions.names(this);
    if (names.includes(kind.name) || sessions.fits(kind.bytes)) return kind;
    return (
      servedBy(
        kind,
        names.map((name) => this.#kinds.get(name)!),
      ) ?? kind
    );
  }

  #kind(ports: Ports): SessionKind {
    const name = sessionName(ports);
    let kind = this.#kinds.get(name);
    if (!kind) {
      kind = { name, ports, bytes: sessionBytes(portedModel(this.model.graph, ports)) };
      this.#kinds.set(name, kind);
    }
    return kind;
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
