import type { Capability, Forward, ForwardInput, Hooks, Run } from '@pliant/core';
import { chooseLayers, type SkippedLayers } from './choose-layers.js';
import { gated, keepAllBut } from './gates.js';
import { layersOfCache, skippedInCache, withLackingLayers } from './loaded-layers.js';
import type { Plan } from './options.js';
import { addEvidence } from './selection/add-evidence.js';
import type { PromptEvidence } from './selection/selector.js';

export interface SkipOptions {
  readonly plan: Plan;
  readonly laterTurns: 'reread' | 'skip';
  readonly freeSkipped: boolean;
}

/** State that a fork or a later turn takes over. */
interface Memory {
  /** Undefined until the prompt has been read, if it decides. */
  readonly chosen: SkippedLayers | undefined;
  /** The cache was compared with the chosen layers. */
  readonly settled: boolean;
  /** The selector has accepted the decoder. */
  readonly verified: boolean;
  /** Pooled over everything read at full depth so far. */
  readonly evidence: PromptEvidence | undefined;
  /** A forward skipped layers: with `laterTurns: 'skip'` they stay. */
  readonly used: boolean;
  /** The skipped layers' rows of the prompt are gone. */
  readonly freed: boolean;
}

const nothing: Memory = {
  chosen: undefined,
  settled: false,
  verified: false,
  evidence: undefined,
  used: false,
  freed: false,
};

/** The hooks of `layerSkip` for one turn. */
export function skipLayers(run: Run, options: SkipOptions, memory = nothing): Hooks {
  const { plan, laterTurns, freeSkipped } = options;
  const { selector } = plan;
  const { decoder } = run;
  const requires: readonly Capability[] = selector.requires;
  const isStatic = requires.length === 0;
  let { chosen, settled, verified, evidence, used, freed } = memory;
  const remembered = (): Memory => ({ chosen, settled, verified, evidence, used, freed });

  if (isStatic && !chosen) {
    chosen = chooseLayers(plan, decoder, { promptTokens: 0 });
    if (!plan.measured) warnOfUnmeasured(run, chosen);
  }
  if (chosen) report(run, chosen);
  const fork = (copy: Run) => skipLayers(copy, options, remembered());
  if (isStatic && chosen?.layers.length === 0) return { fork };

  const settle = (): SkippedLayers => {
    const before = chosen;
    if (!settled) chosen = before ? withLackingLayers(run, before) : layersOfCache(run, selector);
    settled = true;
    if (chosen !== before) report(run, chosen!);
    return chosen!;
  };
  const gate = (input: ForwardInput): ForwardInput => {
    const skipped = settle();
    if (skipped.layers.length > 0) used = true;
    return gated(input, skipped, decoder.shape.layers);
  };
  const verify = async (): Promise<void> => {
    if (!verified) await selector.verify?.(decoder);
    verified = true;
  };
  const read = async (input: ForwardInput, next: Forward) => {
    await verify();
    if (used) return next(gate(input));
    const want = {
      ...input.want,
      ...(requires.includes('hidden.means') && { hiddenMeans: true }),
      ...(requires.includes('block.influences') && { blockInfluences: true }),
    };
    const output = await next({ ...input, want });
    if (isStatic) return output;
    const started = performance.now();
    evidence = addEvidence(evidence, output, input.ids.length);
    chosen = chooseLayers(plan, decoder, evidence);
    run.emit('selectionMs', performance.now() - started);
    report(run, chosen);
    return output;
  };

  const readsPrompt = !isStatic || selector.verify || used;
  return {
    ...(readsPrompt && { prefill: read }),
    forward: async (input, next) => {
      // A generation that was loaded reads no prompt.
      await verify();
      return next(gate(input));
    },
    ...(freeSkipped && {
      editCache: (view, _, { phase }) => {
        if (phase !== 'decode' || freed) return undefined;
        freed = true;
        return { keep: keepAllBut(view, settle().layers) };
      },
    }),
    ...(laterTurns === 'reread' && {
      rereadAnswer: () => settle().layers.length > 0 && decoder.capabilities.has('kv.edit'),
    }),
    nextTurn(later) {
      if (chosen) settle();
      const lacksRows = used || (run.cache !== undefined && skippedInCache(run.cache).length > 0);
      // Layers are chosen again, unless the sequence must go on without the same ones.
      const goesOn = laterTurns === 'skip' && lacksRows;
      const again = { chosen: undefined, settled: false };
      return skipLayers(later, options, {
        ...remembered(),
        ...(!goesOn && again),
        used: goesOn,
      });
    },
    fork,
  };
}

function report(run: Run, { layers }: SkippedLayers): void {
  run.emit('layersRun', run.decoder.shape.layers - layers.length);
  run.emit('layersSkipped', layers.length);
}

function warnOfUnmeasured(run: Run, { layers }: SkippedLayers): void {
  run.warn({
    type: 'degraded',
    feature: 'skip',
    details: `decoder '${run.decoder.id}' has no measured order of layers: skipping ${layers.join(', ')}, evenly spread`,
  });
}
