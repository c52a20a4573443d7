import {
  type Capability,
  type DecoderShape,
  type ForwardInput,
  type ForwardOutput,
  InvalidOptionsError,
  MissingCapabilityError,
  type OpenOptions,
  parseOptions,
  type Sequence,
  StateError,
} from '@pliant/core';
import { allCapabilities, type CheckedForward, checkForward } from '@pliant/core/engine';
import { z } from 'zod/v4';
import { checkMemory } from './cache/check-memory.js';
import { KvCache } from './cache/kv-cache.js';
import type { DraftOptions, Inspection, OrtDecoder } from './decoder.js';
import { readFingerprint } from './files/vocabulary.js';
import { Engine, type OpenedModel } from './forward/engine.js';
import { OpenSequences } from './forward/open-sequences.js';
import { type BatchMember, endedBy, OrtSequence, type SequenceHost } from './forward/sequence.js';
import { describeCapabilities } from './graph/read/capabilities.js';
import { Resources, watch } from './resources.js';

/** Checks the names of capabilities. */
export const needsSchema = z.array(z.enum(allCapabilities)).readonly();

const openSchema = z.strictObject({
  needs: needsSchema.default([]),
  rows: z.int().min(0).default(0),
  maxRows: z.int().min(1).optional(),
});

export class ModelDecoder implements OrtDecoder, SequenceHost {
  readonly capabilities: ReadonlySet<Capability>;
  readonly missing: { readonly [capability in Capability]?: string };
  readonly shape: DecoderShape;
  readonly defaults?: { readonly [middleware: string]: unknown };
  readonly #model: OpenedModel;
  readonly #resources: Resources;
  readonly #engine: Engine;
  readonly #sequences = new OpenSequences();
  /** Parent of a draft, which owns the runtime: kept alive with the draft. */
  readonly #parent: ModelDecoder | undefined;
  #vocabulary: { readonly fingerprint: string | undefined } | undefined;

  /** @param resources closed with the decoder; those of a draft at the latest with its parent */
  constructor(
    readonly id: string,
    model: OpenedModel,
    layers: number,
    resources: Resources,
    parent?: ModelDecoder,
  ) {
    const { graph } = model;
    this.#model = model;
    this.#resources = resources;
    this.#parent = parent;
    this.missing = graph.missing;
    this.capabilities = new Set(
      describeCapabilities(graph)
        .filter(({ available }) => available)
        .map(({ capability }) => capability),
    );
    const slidingWindows = graph.shape.slidingWindows?.slice(0, layers);
    this.shape = { ...graph.shape, layers, ...(slidingWindows && { slidingWindows }) };
    this.defaults = model.defaults;
    this.#engine = new Engine(model, this.shape, this.#sequences);
    resources.addEngine(this.#engine, this.#sequences);
    watch(this, resources, parent === undefined);
  }

  get vocabularyFingerprint(): string | undefined {
    this.#vocabulary ??= { fingerprint: readFingerprint(this.#model.folder) };
    return this.#vocabulary.fingerprint;
  }

  async fingerprint(): Promise<string> {
    this.#alive();
    const { layers } = this.shape;
    const whole = await this.#model.fingerprint();
    return layers === this.#model.graph.shape.layers ? whole : `${whole}/draft-${layers}`;
  }

  async open(options: OpenOptions = {}): Promise<Sequence> {
    this.#alive();
    const { needs, rows, maxRows } = parseOptions('decoder.open', openSchema, options);
    this.#refuseMissing(needs, 'decoder.open');
    const cache = new KvCache(this.shape, {
      maxPositions: this.shape.maxPositions,
      firstRows: rows,
      maxRows,
      rotations: this.#model.keyRotations,
    });
    const sessions = await this.#engine.prepare(needs);
    this.#alive();
    return new OrtSequence(this, needs, cache, sessions);
  }

  async forwardBatch(
    sequences: readonly Sequence[],
    inputs: readonly ForwardInput[],
  ): Promise<ForwardOutput[]> {
    this.#alive();
    this.#refuseMissing(['batch'], 'decoder.forwardBatch');
    const batch = this.#checkBatch(sequences, inputs);
    const members: BatchMember[] = [];
    return endedBy(members, async () => {
      for (const [i, sequence] of batch.entries()) members.push(sequence.begin(inputs[i]));
      return this.run(members);
    });
  }

  async prepare(needs: readonly Capability[] = []): Promise<void> {
    this.#alive();
    this.#refuseMissing(parseOptions('decoder.prepare', needsSchema, needs), 'decoder.prepare');
    await this.#engine.prepare(needs);
  }

  draft(options: DraftOptions): OrtDecoder {
    this.#alive();
    const schema = z.strictObject({ layers: z.int().min(1).max(this.shape.layers) });
    const { layers } = parseOptions('decoder.draft', schema, options);
    const { structure } = this.#model.graph;
    if (layers < this.#model.graph.shape.layers && 'reason' in structure)
      throw new MissingCapabilityError(
        'decoder.draft',
        'layers.skip',
        this.id,
        this.missing['layers.skip'] ?? structure.reason,
      );
    const id = `${this.id}/draft-${layers}`;
    const resources = new Resources(id);
    resources.add(this.#resources.add(() => resources.close()));
    return new ModelDecoder(id, this.#model, layers, resources, this.#parent ?? this);
  }

  inspect(): Inspection {
    const { file, runtime, runtimeReason, threads, telemetry, graph } = this.#model;
    return {
      id: this.id,
      file,
      runtime: { kind: runtime.kind, reason: runtimeReason, version: runtime.version },
      threads,
      telemetry: telemetry ? 'on' : 'off',
      shape: this.shape,
      capabilities: describeCapabilities(graph),
      sessions: this.#engine.sessions,
      sessionBuilds: this.#model.sessions.builds,
      sessionRebuilds: this.#model.sessions.rebuilds,
    };
  }

  close(): Promise<void> {
    return this.#resources.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  refuse(used: readonly Capability[], user: string): void {
    this.#alive();
    this.#refuseMissing(used, user);
  }

  check(input: ForwardInput, cache: KvCache): CheckedForward {
    const checked = checkForward('engine-ort, forward', input, this.shape, cache);
    checkMemory(input, this.shape, cache);
    return checked;
  }

  run(members: readonly BatchMember[]): Promise<ForwardOutput[]> {
    return this.#engine.run(members);
  }

  register(sequence: OrtSequence): void {
    this.#sequences.add(sequence);
  }

  unregister(sequence: OrtSequence): void {
    this.#sequences.delete(sequence);
  }

  #checkBatch(
    sequences: readonly Sequence[],
    inputs: readonly ForwardInput[],
  ): readonly OrtSequence[] {
    const refuse = (path: string, message: string) =>
      new InvalidOptionsError('decoder.forwardBatch', [{ path, message }]);
    const own = sequences.filter(
      (sequence): sequence is OrtSequence =>
        sequence instanceof OrtSequence && sequence.belongsTo(this),
    );
    if (own.length !== sequences.length || new Set(own).size !== own.length)
      throw refuse('sequences', `must be different sequences of '${this.id}'`);
    if (inputs.length !== own.length || own.length === 0)
      throw refuse('inputs', `${inputs.length} inputs for ${own.length} sequences`);
    if (inputs.some(({ ids }) => ids.length !== 1))
      throw refuse('inputs', 'must have one token each');
    const gates = ({ layers, layerScales }: ForwardInput) =>
      `${layers?.join('') ?? '1'.repeat(this.shape.layers)} ${layerScales?.join() ?? ''}`;
    if (inputs.some((input) => gates(input) !== gates(inputs[0])))
      throw refuse('inputs', 'must have equal layers and scales');
    return own;
  }

  #refuseMissing(needs: readonly Capability[], user: string): void {
    for (const need of needs)
      if (!this.capabilities.has(need))
        throw new MissingCapabilityError(user, need, this.id, this.missing[need] ?? '');
  }

  #alive(): void {
    if (this.#resources.closed) throw new StateError(`decoder '${this.id}' is closed`);
  }
}
