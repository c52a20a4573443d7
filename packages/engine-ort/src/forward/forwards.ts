import type { DecoderShape, ForwardOutput } from '@pliant/core';
import { gatherSlots } from '../cache/batch-slots.js';
import type { KvCache } from '../cache/kv-cache.js';
import {
  pastKey,
  pastValue,
  presentKey,
  presentKeyRow,
  presentValue,
  presentValueRow,
} from '../graph/ports/port-names.js';
import type { Runtime, RuntimeSession, Tensor, Tensors } from '../runtime/runtime.js';
import type { AttentionScores } from './attention-scores.js';
import { groupEqual, whileAlone } from './equal-members.js';
import { ForwardOutputs, type RunWants, runsBy, runWants } from './forward-outputs.js';
import { type RunPlan, RunPlans } from './run-plans.js';
import { type Member, StepTensors } from './step-tensors.js';

/**
 * Longest forward in tokens whose run is kept for repetition. Its logits' buffers are held as long
 * as the cache.
 */
const mostRepeated = 16;

/**
 * Runs forwards on the sessions of one decoder: one token each for several sequences, or any number
 * for one.
 */
export class Forwards {
  readonly #plans = new RunPlans();
  /** Small inputs of one-token forwards, by batch size. */
  readonly #steps = new Map<number, StepTensors>();

  constructor(
    private readonly runtime: Runtime,
    private readonly shape: DecoderShape,
    private readonly scores: AttentionScores,
  ) {}

  /** Must not be called while another run is under way. @throws with the caches unchanged */
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
        // A caller may write into its logits.
        outputs.set(other, { logits: outputs.get(first)!.logits.slice() });
      }
    return members.map((member) => outputs.get(member)!);
  }

  /** @param most largest number of members to expect, once equal ones part */
  async #runDistinct(
    session: RuntimeSession,
    members: readonly Member[],
    most: number,
    signal: AbortSignal | undefined,
  ): Promise<ForwardOutput[]> {
    const { gates, ids } = members[0].checked;
    const runs = runsBy(gates);
    const ordered = this.#place(members, ids.length, runs, most);
    const want = runWants(this.shape, ordered);
    const plan = this.#plan(session, ordered, want);
    try {
      plan.step.fill(ordered, want.logitRows, want.evidence.inputValues());
      await session.run(plan.prepared, signal);
      const outputs: ForwardOutput[] = [];
      for (const [slot, member] of ordered.entries()) {
        plan.outputs.write(member.cache, slot);
        outputs.push(await plan.outputs.of(member, slot, this.scores, signal));
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

  /** Makes room for the new rows. @returns the members in the order of their slots */
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

  #plan(session: RuntimeSession, members: readonly Member[], want: RunWants): RunPlan {
    const order = members.map(({ cache }) => cache);
    const { tokens, logitRows } = want;
    // Steps and verifications of drafts repeat.
    const repeats = tokens <= mostRepeated && want.evidence.isEmpty;
    // If rows are outputs, a skipped layer returns none.
    const skipped = this.runtime.inPlace ? '' : (want.gates?.join('') ?? '');
    const key = `${tokens}/${logitRows}/${skipped}`;
    const known = repeats ? this.#plans.find(session, order, key) : undefined;
    if (known) return known;
    const step = this.#step(order.length, tokens);
    const outputs = new ForwardOutputs(this.runtime, this.shape, want);
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

  /**
   * Frees what a plan made. The cache's tensors belong to its blocks, and the small inputs of
   * one-token steps to all plans.
   */
  #release({ outputs, step }: RunPlan): void {
    outputs.release();
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

  /** @param has outputs of the graph, which has none of a layer that it leaves out */
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
}
