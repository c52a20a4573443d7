import { type CacheView, type DecoderShape, PliantError, parseOptions } from '@pliant/core';
import { z } from 'zod/v4';
import type { Policy } from '../scoring/policy.js';
import { keepBest } from './keep-best.js';

/** Layers of a model, with those that may be cut. */
export interface Layers {
  readonly count: number;
  /** Layers without a sliding window. Only these are cut. */
  readonly full: readonly number[];
}

export function layersOf({ layers, slidingWindows }: DecoderShape): Layers {
  const all = Array.from({ length: layers }, (_, layer) => layer);
  return { count: layers, full: all.filter((layer) => !slidingWindows?.[layer]) };
}

/** Instructions for cutting a cache. */
export interface Cut {
  readonly policy: Policy;
  readonly layers: Layers;
  /** Rows per layer and KV head, on average over the layers that are cut. */
  readonly budget: number;
  /** Original positions that stay. */
  readonly always: ReadonlySet<number>;
  /** Per layer: how many of its first rows are candidates to stay. */
  readonly candidates: readonly number[];
  /** Per layer, [G, T]. */
  readonly scores: ReadonlyMap<number, Float32Array> | undefined;
  /** Number of tokens whose attention the scores hold. */
  readonly newRows: number;
  readonly headDim: number;
  readonly random: () => number;
}

/** Kept rows, [layer][KV head], ascending. */
export type KeptRows = readonly (readonly Uint32Array[])[];

/** Chooses the candidates that stay. @returns undefined if all do */
export function cutLayers(view: CacheView, cut: Cut): KeptRows | undefined {
  const { policy, always, candidates, headDim, newRows, random } = cut;
  const budgets = budgetsOf(cut);
  if (candidates.every((count, layer) => count <= budgets[layer])) return undefined;
  const { kvHeads } = view;
  return candidates.map((count, layer) => {
    // A layer that was skipped since the last cut gained no row and has no attention to choose by.
    const isUnscored = policy.scores !== undefined && cut.scores?.get(layer) === undefined;
    if (count <= budgets[layer] || isUnscored) {
      const all = Uint32Array.from({ length: count }, (_, row) => row);
      return Array.from({ length: kvHeads }, () => all);
    }
    const rows = {
      layer,
      kvHeads,
      headDim,
      rows: view.rows(layer),
      newRows,
      candidates: count,
      scores: cut.scores?.get(layer),
      positions: (kvHead: number) => view.positions(layer, kvHead),
      keys: () => view.keys(layer),
      values: () => view.values(layer),
      random,
    };
    return keepBest(policy, rows, budgets[layer], always);
  });
}

/**
 * Cuts a cache so that the newest row of each layer stays and counts. This is for cuts between
 * chunks and while decoding, when no row is fed again. The candidates are all rows but the newest.
 */
export function cutToNewest(view: CacheView, cut: Omit<Cut, 'candidates'>): KeptRows | undefined {
  const { layers, budget } = cut;
  const isCut = new Set(layers.full);
  const rows = Array.from({ length: layers.count }, (_, layer) => view.rows(layer));
  const candidates = rows.map((count, layer) => Math.max(0, count - (isCut.has(layer) ? 1 : 0)));
  return cutLayers(view, { ...cut, candidates, budget: budget - 1 })?.map((heads, layer) =>
    candidates[layer] === rows[layer] ? heads : heads.map((kept) => withRow(kept, rows[layer] - 1)),
  );
}

function withRow(kept: Uint32Array, row: number): Uint32Array {
  const more = new Uint32Array(kept.length + 1);
  more.set(kept);
  more[kept.length] = row;
  return more;
}

/**
 * Rows to keep, per layer: all in a layer with a sliding window. Rows that always stay are deducted
 * before the layers share the rest.
 */
function budgetsOf({ policy, layers, budget, always, candidates }: Cut): number[] {
  const most = Math.max(0, ...layers.full.map((layer) => candidates[layer]));
  const count = layers.full.length;
  const shares =
    most > budget && policy.layerBudgets
      ? parseOptions(
          `what layerBudgets of policy ${policy.name} returned`,
          z.array(z.int().min(0)).readonly(),
          policy.layerBudgets(budget - always.size, count, most - always.size),
        )
      : undefined;
  if (shares && shares.length !== count)
    throw new PliantError(
      `layerBudgets of policy ${policy.name} returned ${shares.length} shares for ${count} layers`,
    );
  const budgets = [...candidates];
  layers.full.forEach((layer, at) => {
    budgets[layer] = shares ? shares[at] + always.size : budget;
  });
  return budgets;
}
