import type { DecoderShape, ForwardInput, ForwardOutput, Want } from '@pliant/core';
import { gatherSlots } from '../cache/batch-slots.js';
import type { KvCache } from '../cache/kv-cache.js';
import {
  HIDDEN_MEANS,
  LOG_NORM_RATIOS,
  LOGITS,
  MEAN_COSINES,
  pastKey,
  pastValue,
  presentKey,
  presentKeyRow,
  presentValue,
  presentValueRow,
  queryRows,
} from '../graph/ports/port-names.js';
import { allocateFloats } from '../memory/allocate.js';
import type { Runtime, RuntimeSession, Tensor, Tensors } from '../runtime/runtime.js';
import type { AttentionScores, QueryRows } from './attention-scores.js';
import { groupEqual, whileAlone } from './equal-members.js';
import { type Outputs, type RunPlan, RunPlans } from './run-plans.js';
import { type StepMember, StepTensors } from './step-tensors.js';

/** Tokens of a forward that may be repeated on the same buffers, at most: buffers of its logits are held as long as the cache. */
const mostRepeated = 16;

export interface Member extends StepMember {
  readonly input: ForwardInput;
}

/** Runs forwards on sessions of one decoder: several sequences with one token each, or one with any number. */
export class Forwards {
  readonly #plans = new RunPlans();
  /** Small inputs of one-token forwards, by batch size. */
  readonly #steps = new Map<number, StepTensors>();

  constructor(
    private readonly runtime: Runtime,
    private readonly shape: DecoderShape,
    private readonly scores: AttentionScores,
  ) {}

  /** Not to be called while another run is under way. @throws with the caches as they were */
  async run(
    session: RuntimeSession,
    members: readonly Member[],
    signal: AbortSignal | undefined,
  ): Promise<ForwardOutput[]> {
    const groups = groupEqual(members);
    const outputs = new Map<Member, ForwardOutput>();
    await whileAlone(groups, async () => {
      const distinct = [...groups.keys()];
      const computed = await this.#runDistinct(session, distinct, members.length, signal);
      for (const [index, member] of distinct.entries()) outputs.set(member, computed[index]);
    });
    for (const [first, others] of groups)
      for (const other of others) {
        const { gates, positions } = other.checked;
        other.cache.append(positions, runsBy(gates));
        // Whoever reads logits may write into them.
        outputs.set(other, { logits: outputs.get(first)!.logits.slice() });
      }
    return members.map((member) => outputs.get(member)!);
  }

  /** @param most members that these may become, once equal ones part */
  async #runDistinct(
    session: RuntimeSession,
    members: readonly Member[],
    most: number,
    signal: AbortSignal | undefined,
  ): Promise<ForwardOutput[]> {
    const { gates, ids } = members[0].checked;
    const runs = runsBy(gates);
    const tokens = ids.length;
    const ordered = this.#place(members, tokens, runs, most);
    const wants = ordered.map(({ input }) => input.want ?? {});
    const logitRows = Math.max(...wants.map((want) => rowsOfLogits(want, tokens)));
    const scoreRows = Math.max(0, ...wants.map(rowsOfScores));
    const hiddenMeans = wants.some((want) => want.hiddenMeans);
    const influences = wants.some((want) => want.blockInfluences);
    const wanted = { tokens, logitRows, scoreRows, hiddenMeans, influences, gates };
    const plan = this.#plan(session, ordered, wanted);
    try {
      plan.step.fill(ordered, logitRows, scoreRows);
      await session.run(plan.prepared, signal);
      const { newRows, queries } = plan.outputs;
      const outputs: ForwardOutput[] = [];
      for (const [slot, member] of ordered.entries()) {
        if (newRows) this.#write(member.cache, slot, tokens, newRows);
        outputs.push({
          ...this.#output(member, slot, ordered.length, tokens, logitRows, plan.outputs),
          ...(queries && { scores: await this.#score(member, slot, scoreRows, queries, signal) }),
        });
      }
      for (const { cache, checked } of ordered) cache.append(checked.positions, runs);
      return members.map((member) => outputs[ordered.indexOf(member)]);
    } finally {
      if (!this.#plans.holds(plan)) this.#release(plan);
    }
  }

  release(): void {
    for (const step of this.#steps.values()) step.release();
    this.#steps.clear();
  }

  /** Makes room for the new rows; the members in the order of their slots. */
  #place(
    members: readonly Member[],
    tokens: number,
    runs: (layer: number) => boolean,
    most: number,
  ): readonly Member[] {
    if (members.length === 1) {
      members[0].cache.reserve(tokens, runs);
      return members;
    }
    const order = gatherSlots(
      this.shape,
      members.map(({ cache }) => cache),
      runs,
      most,
    );
    return order.map((cache) => members.find((member) => member.cache === cache)!);
  }

  #plan(session: RuntimeSession, members: readonly Member[], want: Wanted): RunPlan {
    const order = members.map(({ cache }) => cache);
    const { tokens, logitRows } = want;
    // Steps and verifications of drafts repeat.
    const repeats =
      tokens <= mostRepeated && want.scoreRows === 0 && !want.hiddenMeans && !want.influences;
    // Where rows come back as outputs, a skipped layer returns none.
    const skipped = this.runtime.inPlace ? '' : (want.gates?.join('') ?? '');
    const key = `${tokens}/${logitRows}/${skipped}`;
    const known = repeats ? this.#plans.find(session, order, key) : undefined;
    if (known) return known;
    const step = this.#step(order.length, tokens);
    const outputs = this.#outputs(order.length, want);
    const caches = this.#cacheTensors(order, new Set(session.outputNames));
    const plan: RunPlan = {
      session,
      order,
      versions: order.map((cache) => cache.version),
      key,
      step,
      outputs,
      prepared: session.prepare(
        { ...step.tensors, ...caches.past },
        this.runtime.inPlace ? { ...outputs.tensors, ...caches.present } : outputs.tensors,
      ),
    };
    if (repeats) for (const old of this.#plans.add(plan)) this.#release(old);
    return plan;
  }

  /** Frees what a plan made; the cache's tensors belong to its blocks, the small inputs of one-token steps to all plans. */
  #release({ outputs, step }: RunPlan): void {
    for (const tensor of Object.values(outputs.tensors)) (tensor as Tensor).release();
    if (![...this.#steps.values()].includes(step)) step.release();
  }

  #step(batch: number, tokens: number): StepTensors {
    let step = tokens === 1 ? this.#steps.get(batch) : undefined;
    if (!step) {
      step = new StepTensors(this.runtime, this.shape.layers, batch, tokens);
      if (tokens === 1) this.#steps.set(batch, step);
    }
    return step;
  }

  /** @param has outputs of the graph, which lacks those of a layer that it leaves out */
  #cacheTensors(
    order: readonly KvCache[],
    has: ReadonlySet<string>,
  ): { past: Tensors; present: Tensors } {
    const past: { [name: string]: Tensor } = {};
    const present: { [name: string]: Tensor } = {};
    for (let layer = 0; layer < this.shape.layers; layer++) {
      if (!has.has(presentKey(layer))) continue;
      const { block, slot } = order[0].layer(layer);
      const [key, value] = block.tensors(this.runtime, slot, order.length);
      past[pastKey(layer)] = present[presentKey(layer)] = key;
      past[pastValue(layer)] = present[presentValue(layer)] = value;
      for (let row = 0; has.has(presentKeyRow(layer, row)); row++) {
        present[presentKeyRow(layer, row)] = key;
        present[presentValueRow(layer, row)] = value;
      }
    }
    return { past, present };
  }

  #outputs(batch: number, want: Wanted): Outputs {
    const { layers, heads, headDim, hidden, kvHeads, vocabulary } = this.shape;
    const tensors: { [name: string]: Tensor } = {};
    const add = (name: string, dims: readonly number[]) => {
      const count = dims.reduce((product, dim) => product * dim, 1);
      const data = allocateFloats(count, `Output '${name}' of a forward`);
      tensors[name] = this.runtime.tensor(data, dims);
      return data;
    };
    const perLayer = <T>(make: (layer: number) => T) => {
      const map = new Map<number, T>();
      for (let layer = 0; layer < layers; layer++)
        if (!want.gates || want.gates[layer] === 1) map.set(layer, make(layer));
      return map;
    };
    const { tokens, logitRows, scoreRows } = want;
    const rows = [batch, kvHeads, tokens, headDim];
    return {
      tensors,
      logits: logitRows > 0 ? add(LOGITS, [batch, logitRows, vocabulary]) : undefined,
      hiddenMeans: want.hiddenMeans ? add(HIDDEN_MEANS, [layers, batch, hidden]) : undefined,
      influences: want.influences
        ? {
            cosines: add(MEAN_COSINES, [layers, batch]),
            logNormRatios: add(LOG_NORM_RATIOS, [layers, batch]),
          }
        : undefined,
      queries:
        scoreRows > 0
          ? perLayer((layer) => add(queryRows(layer), [batch, scoreRows, heads * headDim]))
          : undefined,
      newRows: this.runtime.inPlace
        ? undefined
        : perLayer((layer) => [add(presentKey(layer), rows), add(presentValue(layer), rows)]),
    };
  }

  #write(
    cache: KvCache,
    slot: number,
    tokens: number,
    newRows: NonNullable<Outputs['newRows']>,
  ): void {
    const size = this.shape.kvHeads * tokens * this.shape.headDim;
    for (const [layer, [keys, values]] of newRows)
      cache.layer(layer).write(keys, values, slot * size, tokens);
  }

  #output(
    { input }: Member,
    slot: number,
    batch: number,
    tokens: number,
    logitRows: number,
    { logits, hiddenMeans, influences }: Outputs,
  ): ForwardOutput {
    const { layers, hidden, vocabulary } = this.shape;
    const own = rowsOfLogits(input.want ?? {}, tokens);
    const end = (slot + 1) * logitRows * vocabulary;
    const means = input.want?.hiddenMeans && hiddenMeans;
    const changes = input.want?.blockInfluences && influences;
    const ofSlot = (values: Float32Array, width: number) => {
      const copy = new Float32Array(layers * width);
      for (let layer = 0; layer < layers; layer++) {
        const start = (layer * batch + slot) * width;
        copy.set(values.subarray(start, start + width), layer * width);
      }
      return copy;
    };
    return {
      logits: logits?.subarray(end - own * vocabulary, end) ?? new Float32Array(0),
      ...(means && { hiddenMeans: ofSlot(means, hidden) }),
      ...(changes && {
        blockInfluences: {
          influences: ofSlot(changes.cosines, 1).map((cosine) => 1 - cosine),
          normRatios: ofSlot(changes.logNormRatios, 1).map(Math.exp),
        },
      }),
    };
  }

  async #score(
    { cache, input, checked }: Member,
    slot: number,
    rows: number,
    queries: ReadonlyMap<number, Float32Array>,
    signal: AbortSignal | undefined,
  ): Promise<ForwardOutput['scores']> {
    const requests = Object.entries(input.want?.scores ?? {});
    if (requests.length === 0) return undefined;
    const size = this.shape.heads * this.shape.headDim;
    const captured: QueryRows = {
      rows,
      positions: checked.rotaryPositions.subarray(checked.ids.length - rows),
      layers: new Map(
        [...queries].map(([layer, all]) => [
          layer,
          all.subarray(slot * rows * size, (slot + 1) * rows * size),
        ]),
      ),
    };
    const scores: { [name: string]: ReadonlyMap<number, Float32Array> } = {};
    for (const [name, request] of requests)
      scores[name] = await this.scores.compute(
        request,
        captured,
        cache,
        checked.ids.length,
        signal,
      );
    return scores;
  }
}

interface Wanted {
  readonly tokens: number;
  readonly logitRows: number;
  readonly scoreRows: number;
  readonly hiddenMeans: boolean;
  readonly influences: boolean;
  readonly gates?: Uint8Array;
}

/** Which layers run. */
function runsBy(gates: Uint8Array | undefined): (layer: number) => boolean {
  return (layer) => gates === undefined || gates[layer] === 1;
}

function rowsOfLogits({ logits = 'last' }: Want, tokens: number): number {
  return logits === 'all' ? tokens : logits === 'last' ? 1 : 0;
}

function rowsOfScores({ scores = {} }: Want): number {
  return Math.max(0, ...Object.values(scores).map(({ rows }) => rows));
}
