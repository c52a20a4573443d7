import {
  type CacheView,
  type Capability,
  type Forward,
  type ForwardInput,
  type Hooks,
  parseOptions,
  type Run,
} from '@pliant/core';
import { z } from 'zod/v4';
import type { Plan } from './options.js';
import { chooseSkipped } from './selection/choose-skipped.js';
import { costsOf } from './selection/costs-of.js';
import { poolEvidence } from './selection/pool-evidence.js';
import type { PromptEvidence } from './selection/selector.js';
import { skippedInCache } from './skipped-in-cache.js';

interface TurnOptions {
  readonly laterTurns: 'reread' | 'skip';
  readonly freeSkipped: boolean;
}

/** The layers that a sequence skips: what of them a turn decides, and what it hands on to forks and later turns. */
export class SkippedLayers {
  /** Undefined until the prompt has been read, where it decides. */
  private skipped: readonly number[] | undefined;
  /** The cache has been looked at: a generation that was loaded may lack rows that no choice of this turn explains. */
  private settled = false;
  private verified = false;
  /** [layers]; undefined where the selector has none. */
  private scales: Float32Array | undefined;
  private evidence: PromptEvidence | undefined;
  /** A forward skipped them: with `laterTurns: 'skip'` they stay. */
  private used = false;
  private freed = false;

  private constructor(
    private readonly plan: Plan,
    private readonly options: TurnOptions,
  ) {}

  static create(run: Run, plan: Plan, options: TurnOptions): SkippedLayers {
    const layers = new SkippedLayers(plan, options);
    if (!plan.measured) layers.warnOfUnmeasured(run);
    return layers;
  }

  hooks(run: Run): Hooks {
    const { selector } = this.plan;
    const isStatic = selector.requires.length === 0;
    if (isStatic && !this.skipped) this.decide(run, { promptTokens: 0 });
    if (this.skipped) this.report(run);
    const isEmpty = isStatic && this.skipped?.length === 0;
    const fork = (copy: Run) => this.copy().hooks(copy);
    const nextTurn = (later: Run) => {
      if (this.skipped) this.layersOf(run);
      return this.later(run, later).hooks(later);
    };
    if (isEmpty) return { fork };
    const readsPrompt = !isStatic || selector.verify || this.used;
    return {
      ...(readsPrompt && { prefill: (input, next) => this.read(run, input, next) }),
      forward: async (input, next) => {
        // A generation that was loaded reads no prompt.
        await this.verify(run);
        return next(this.gate(run, input));
      },
      ...(this.options.freeSkipped && {
        editCache: (view, _, { phase }) => {
          if (phase !== 'decode' || this.freed) return undefined;
          this.freed = true;
          return { keep: keepAllBut(view, this.layersOf(run)) };
        },
      }),
      ...(this.options.laterTurns === 'reread' && {
        rereadAnswer: () =>
          this.layersOf(run).length > 0 && run.decoder.capabilities.has('kv.edit'),
      }),
      nextTurn,
      fork,
    };
  }

  private async read(run: Run, input: ForwardInput, next: Forward) {
    const { selector } = this.plan;
    await this.verify(run);
    if (this.used) return next(this.gate(run, input));
    const requires: readonly Capability[] = selector.requires;
    const output = await next({
      ...input,
      want: {
        ...input.want,
        ...(requires.includes('hidden.means') && { hiddenMeans: true }),
        ...(requires.includes('block.influences') && { blockInfluences: true }),
      },
    });
    if (requires.length === 0) return output;
    const started = performance.now();
    this.evidence = poolEvidence(this.evidence, output, input.ids.length);
    this.decide(run, this.evidence);
    run.emit('selectionMs', performance.now() - started);
    this.report(run);
    return output;
  }

  private async verify({ decoder }: Run): Promise<void> {
    if (this.verified) return;
    await this.plan.selector.verify?.(decoder);
    this.verified = true;
  }

  private decide(run: Run, evidence: PromptEvidence): void {
    const { selector, rule, protectedLayers } = this.plan;
    const skip = 'skip' in rule ? rule.skip : undefined;
    const costs = costsOf(selector, run.decoder, evidence, skip);
    this.skipped = chooseSkipped(costs, protectedLayers, rule);
    this.scales =
      selector.scales &&
      Float32Array.from(
        parseOptions(
          `what scales of ${selector.name} returned`,
          z.array(z.number().positive()).length(run.decoder.shape.layers),
          selector.scales(evidence),
        ),
      );
  }

  private layersOf(run: Run): readonly number[] {
    if (!this.skipped) this.decideByCache(run);
    else if (!this.settled) this.settle(run, this.skipped);
    this.settled = true;
    return this.skipped!;
  }

  /** Layers that a generation was saved without lack its rows, whatever is chosen now. */
  private settle(run: Run, chosen: readonly number[]): void {
    // Behind the first token only a generation that was loaded has not been looked at.
    if (!run.cache || run.generated.length < 2) return;
    const lacking = skippedInCache(run.cache).filter((layer) => !chosen.includes(layer));
    if (lacking.length === 0) return;
    this.skipped = [...chosen, ...lacking];
    run.warn({
      type: 'degraded',
      feature: 'layers',
      details: `the generation was saved with layers skipped that are not chosen now: they lack its rows, and ${lacking.join(', ')} are skipped too`,
    });
    this.report(run);
  }

  /** Of a generation that was loaded the prompt is not known, but its cache. */
  private decideByCache(run: Run): void {
    this.skipped = run.cache ? skippedInCache(run.cache) : [];
    const { name, scales } = this.plan.selector;
    const lost =
      this.skipped.length === 0 ? 'every layer runs' : scales && 'skipped layers are not scaled';
    if (lost)
      run.warn({
        type: 'degraded',
        feature: 'selector',
        details: `${name} goes by the prompt, which was read before the generation was saved: ${lost}`,
      });
    this.report(run);
  }

  private gate(run: Run, input: ForwardInput): ForwardInput {
    const skipped = this.layersOf(run);
    if (skipped.length === 0) return input;
    this.used = true;
    const gates = new Uint8Array(run.decoder.shape.layers).fill(1);
    for (const layer of skipped) gates[layer] = 0;
    // Another middleware's gates stay: a layer runs where both let it.
    const layers = input.layers?.map((gate, layer) => gate & gates[layer]) ?? gates;
    return { ...input, layers, ...(this.scales && { layerScales: this.scaled(input) }) };
  }

  /** Each middleware's scales count where its layers are skipped. */
  private scaled({ layerScales }: ForwardInput): Float32Array {
    return this.scales!.map((scale, layer) =>
      this.skipped!.includes(layer) ? scale : (layerScales?.[layer] ?? 1),
    );
  }

  private copy(): SkippedLayers {
    const copy = new SkippedLayers(this.plan, this.options);
    copy.skipped = this.skipped;
    copy.scales = this.scales;
    copy.evidence = this.evidence;
    copy.settled = this.settled;
    copy.verified = this.verified;
    copy.used = this.used;
    copy.freed = this.freed;
    return copy;
  }

  /** Of a later turn: decides anew, unless it must go on without the same layers. */
  private later({ cache }: Run, run: Run): SkippedLayers {
    const lacksRows = this.used || (cache !== undefined && skippedInCache(cache).length > 0);
    const stays = this.options.laterTurns === 'skip' && lacksRows;
    const later = this.copy();
    later.used = stays;
    if (stays) return later;
    later.skipped = undefined;
    later.settled = false;
    if (!this.plan.measured) later.warnOfUnmeasured(run);
    return later;
  }

  private report(run: Run): void {
    const { length } = this.skipped!;
    run.emit('layersRun', run.decoder.shape.layers - length);
    run.emit('layersSkipped', length);
  }

  private warnOfUnmeasured(run: Run): void {
    this.decide(run, { promptTokens: 0 });
    run.warn({
      type: 'degraded',
      feature: 'skip',
      details: `decoder '${run.decoder.id}' has no measured order of layers: skipping ${this.skipped!.join(', ')}, evenly spread`,
    });
  }
}

/** Every row, but none of the skipped layers. */
function keepAllBut(view: CacheView, skipped: readonly number[]) {
  const all = Array.from({ length: view.layers }, (_, layer) =>
    Uint32Array.from({ length: skipped.includes(layer) ? 0 : view.rows(layer) }, (__, row) => row),
  );
  return (layer: number) => all[layer];
}
