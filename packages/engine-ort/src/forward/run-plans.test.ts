import { describe, expect, it } from 'vitest';
import type { KvCache } from '../cache/kv-cache.js';
import type { RuntimeSession } from '../runtime/runtime.js';
import { type RunPlan, RunPlans } from './run-plans.js';

const session = {} as RuntimeSession;
const openCache = () => ({ version: 0 }) as KvCache;
function plan(order: readonly KvCache[], key: string): RunPlan {
  const held: Partial<RunPlan> = {
    session,
    order,
    versions: order.map(({ version }) => version),
    key,
  };
  return held as RunPlan;
}

describe('plans of runs', () => {
  it('are found by session, caches and key', () => {
    const plans = new RunPlans();
    const [a, b] = [openCache(), openCache()];
    const step = plan([a, b], '1');
    expect(plans.add(step)).toEqual([]);
    expect(plans.find(session, [a, b], '1')).toBe(step);
    expect(plans.holds(step)).toBe(true);
    expect(plans.find({} as RuntimeSession, [a, b], '1')).toBeUndefined();
    expect(plans.find(session, [a], '1')).toBeUndefined();
    expect(plans.find(session, [b, a], '1')).toBeUndefined();
    expect(plans.find(session, [a, b], '2')).toBeUndefined();
  });

  it('are void once a buffer has moved', () => {
    const plans = new RunPlans();
    const [a, b] = [openCache(), openCache()];
    const old = [plan([a, b], '1'), plan([a, b], '2')];
    for (const one of old) plans.add(one);
    b.version++;
    expect(plans.find(session, [a, b], '1')).toBeUndefined();
    expect(plans.add(plan([a, b], '1'))).toEqual(old);
  });

  it('are four at most: the one used longest ago goes', () => {
    const plans = new RunPlans();
    const cache = openCache();
    const made = ['1', '2', '3', '4', '5'].map((key) => plan([cache], key));
    for (const one of made.slice(0, 4)) expect(plans.add(one)).toEqual([]);
    plans.find(session, [cache], '1');
    expect(plans.add(made[4])).toEqual([made[1]]);
    expect(plans.find(session, [cache], '1')).toBe(made[0]);
  });
});
