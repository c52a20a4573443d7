import type { KvCache } from '../cache/kv-cache.js';
import type { PreparedRun, RuntimeSession } from '../runtime/runtime.js';
import type { ForwardOutputs } from './forward-outputs.js';
import type { StepTensors } from './step-tensors.js';

/** A run over fixed buffers, repeated as long as none of them moves. */
export interface RunPlan {
  readonly session: RuntimeSession;
  readonly order: readonly KvCache[];
  readonly versions: readonly number[];
  /** Tells runs of the same session and caches apart. */
  readonly key: string;
  readonly prepared: PreparedRun;
  readonly step: StepTensors;
  readonly outputs: ForwardOutputs;
}

/**
 * Plans kept for the same sequences: for steps, drafts with layers left out, and verifications of
 * two lengths.
 */
const mostPlans = 4;

/** Keeps recently used plans by the cache of their first sequence. */
export class RunPlans {
  /** In order of use, the latest last. */
  readonly #plans = new WeakMap<KvCache, RunPlan[]>();

  find(session: RuntimeSession, order: readonly KvCache[], key: string): RunPlan | undefined {
    const plans = this.#plans.get(order[0]) ?? [];
    const at = plans.findIndex((plan) => plan.session === session && plan.key === key);
    if (at < 0 || !isCurrent(plans[at], order)) return undefined;
    if (at < plans.length - 1) plans.push(...plans.splice(at, 1));
    return plans[plans.length - 1];
  }

  /**
   * @returns evicted plans: those whose buffers have moved, and the least recently used one when
   * over the limit
   */
  add(plan: RunPlan): RunPlan[] {
    const plans = this.#plans.get(plan.order[0]) ?? [];
    const current = plans.filter((held) => isCurrent(held, plan.order));
    const kept = [...current.slice(1 - mostPlans), plan];
    this.#plans.set(plan.order[0], kept);
    return plans.filter((held) => !kept.includes(held));
  }

  holds(plan: RunPlan): boolean {
    return this.#plans.get(plan.order[0])?.includes(plan) ?? false;
  }
}

function isCurrent({ order: own, versions }: RunPlan, order: readonly KvCache[]): boolean {
  return (
    own.length === order.length &&
    order.every((cache, i) => own[i] === cache && versions[i] === cache.version)
  );
}
