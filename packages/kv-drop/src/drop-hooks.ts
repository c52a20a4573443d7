import {
  type CacheBounds,
  type CacheView,
  type EditMoment,
  type Forward,
  type ForwardInput,
  type ForwardOutput,
  type Hooks,
  type KeepEdit,
  type Run,
  rowsBefore,
  type ScoresRequest,
} from '@pliant/core';
import { type Budget, rowsOf } from './cut/budget.js';
import { cutLayers, cutToNewest, type KeptRows, layersOf } from './cut/cut-layers.js';
import { DecodeCuts } from './cut/decode-cuts.js';
import { noRows, type ProtectedRows, protectTurn, requireRoom } from './cut/protected-rows.js';
import { RowScores } from './cut/row-scores.js';
import { readAhead } from './look-ahead/look-ahead.js';
import { lookaheadTokens } from './look-ahead/lookahead-tokens.js';
import { tokensWrittenAhead } from './look-ahead/written-ahead.js';
import type { Policy } from './scoring/policy.js';

export interface DropSettings {
  /** The middleware's: scores are asked for under it. */
  readonly name: string;
  readonly policy: Policy;
  readonly budget: Budget;
  readonly every?: number;
  readonly betweenChunks: boolean;
  readonly renumber: boolean;
}

/** Rows to write at first behind the prompt, where nothing bounds the answer. */
const headroom = 64;

type Scores = ReadonlyMap<number, Float32Array> | undefined;

/** The hooks of `kvDrop` for one turn. */
export class DropHooks implements Hooks {
  readonly forward?: NonNullable<Hooks['forward']>;
  /** In rows; known once the prompt is. */
  #budget = 0;
  /** Of the budget and what is protected: what a cut keeps for certain. */
  #kept: ReadonlySet<number> = new Set();
  /** Attention of all tokens of the turn, for a policy that sums it. */
  #summed: RowScores | undefined;
  #decoding: DecodeCuts | undefined;
  /** Of the prompt, mean over the layers. */
  #rowsDropped = 0;
  #selectMs = 0;

  /** @param protectedRows of earlier turns */
  constructor(
    private readonly run: Run,
    private readonly settings: DropSettings,
    private protectedRows: ProtectedRows = noRows,
    private readonly layers = layersOf(run.decoder.shape),
  ) {
    if (settings.every !== undefined && settings.policy.scores)
      this.forward = (input, next) => this.#forward(input, next);
  }

  bounds(): CacheBounds | undefined {
    const { every, betweenChunks, renumber } = this.settings;
    this.#begin();
    if (!betweenChunks && every === undefined) return undefined;
    return {
      ...(betweenChunks && { prefill: this.#budget, renumbers: renumber }),
      ...(every !== undefined && { decode: this.#budget + every }),
      beyond: this.#fits ? 0 : this.#lookahead,
    };
  }

  async prefill(input: ForwardInput, next: Forward, draft: Forward): Promise<ForwardOutput> {
    const { run, layers } = this;
    const { name, policy, betweenChunks, every } = this.settings;
    const request = this.#request(run.prompt.kept.ids.length);
    const sums = request?.chunks === 'every';
    const nothingToDrop = this.#fits || layers.full.length === 0;
    if (nothingToDrop && policy.lookahead) {
      run.emit('lookaheadTokens', 0);
      run.emit('lookaheadMs', 0);
    }
    // What is summed is summed from the start, also where rows are dropped only later.
    if (!request || (nothingToDrop && !(sums && every !== undefined))) return next(input);
    if (sums) this.#summed ??= new RowScores(request.reduceRows);
    const ahead = policy.lookahead;
    const scores = {
      ...input.want?.scores,
      ...(betweenChunks && !sums && { [this.#between]: { ...request, chunks: 'every' as const } }),
      ...(!ahead && { [name]: request }),
    };
    const wanted = { ...input, want: { ...input.want, scores } };
    if (!ahead) return next(wanted);
    return readAhead(wanted, next, draft, {
      run,
      name,
      request,
      lookahead: ahead,
      reduce: (view, layerScores, budget) => this.#cutToNewest(view, layerScores, budget),
    });
  }

  editCache(view: CacheView, last: ForwardOutput, moment: EditMoment): KeepEdit | undefined {
    if (moment.phase === 'prefill-end') return this.#endOfPrompt(view, last, moment);
    if (moment.phase === 'decode') return this.#whileDecoding(view, last);
    this.#sum(view, last);
    if (!this.settings.betweenChunks) return undefined;
    const scores = this.#summed?.of(view) ?? last.scores?.[this.#between];
    const kept = this.#cutToNewest(view, scores);
    if (kept)
      this.#rowsDropped += mean(kept.map(([rows], layer) => view.rows(layer) - rows.length));
    return this.#edit(kept, {});
  }

  proposalRoom(view: CacheView): number {
    return (this.#decoding?.toCut(view) ?? Number.POSITIVE_INFINITY) - 1;
  }

  rollback(): void {
    const { position, kept } = this.run.prompt;
    const left = position + kept.ids.length + Math.max(0, this.run.generated.length - 1);
    this.#summed?.truncate(left);
    this.#decoding?.truncate(left);
  }

  fork(run: Run): DropHooks {
    const copy = new DropHooks(run, this.settings, this.protectedRows, this.layers);
    copy.#budget = this.#budget;
    copy.#kept = this.#kept;
    copy.#summed = this.#summed?.copy();
    copy.#decoding = this.#decoding?.copy(copy.#summed);
    copy.#rowsDropped = this.#rowsDropped;
    copy.#selectMs = this.#selectMs;
    return copy;
  }

  nextTurn(run: Run): DropHooks {
    return new DropHooks(run, this.settings, this.protectedRows, this.layers);
  }

  /** Asked for between chunks under a name of its own: the last chunk's scores have all their rows, whatever a chunk before had. */
  get #between(): string {
    return `${this.settings.name}, between chunks`;
  }

  /** Rows are at most positions, so that nothing has to go. */
  get #fits(): boolean {
    const { position, kept } = this.run.prompt;
    return position + kept.ids.length <= this.#budgetOfPrompt + 1;
  }

  /** Kept of a prompt beside its last token, which is fed again: with that one and the first of the answer there are `every` more than the budget. */
  get #budgetOfPrompt(): number {
    return this.settings.every === 1 ? this.#budget - 1 : this.#budget;
  }

  /** Tokens that are read behind the prompt at most. */
  get #lookahead(): number {
    const { name, policy } = this.settings;
    const { lookahead } = policy;
    if (!lookahead) return 0;
    const given = lookahead.written ? tokensWrittenAhead(name, this.run)?.length : undefined;
    return given === undefined
      ? lookaheadTokens(lookahead, this.run)
      : Math.min(given, lookahead.tokens ?? given);
  }

  #request(newRows: number): ScoresRequest | undefined {
    const { policy } = this.settings;
    return policy.scores && { ...policy.scores(newRows), layers: this.layers.full };
  }

  /** @throws PromptError where what always stays does not fit into the budget; StackError where nobody can write ahead */
  #begin(): void {
    const { run, settings } = this;
    const { name, policy, budget, every } = settings;
    if (policy.lookahead?.written) tokensWrittenAhead(name, run);
    const { position, kept } = run.prompt;
    const { minimumBudget } = policy;
    const rows = rowsOf(budget, position + kept.ids.length, run.decoder.shape);
    this.#budget = Math.max(rows, minimumBudget);
    if (rows < minimumBudget)
      run.warn({
        type: 'degraded',
        feature: 'budget',
        details: `${rows} rows are raised to ${minimumBudget}, the fewest that ${policy.name} as configured works with`,
      });
    this.#protect();
    if (every === undefined) return;
    const asked = policy.scores?.(every);
    if (asked?.chunks === 'every') this.#summed = new RowScores(asked.reduceRows);
    this.#decoding = new DecodeCuts(this.layers, every, this.#budget, asked, this.#summed);
  }

  #protect(): void {
    const { run, settings } = this;
    const { name, policy, every } = settings;
    const { position, kept } = run.prompt;
    const { maxPositions } = run.decoder.shape;
    const turn = { prompt: kept, position, budget: this.#budget, maxPositions };
    const { yielded, ...rows } = protectTurn(this.protectedRows, policy, turn);
    this.protectedRows = rows;
    this.#kept = new Set([...rows.always, ...rows.newest]);
    if (this.#fits && every === undefined) return;
    requireRoom(name, rows, policy, turn);
    if (yielded > 0)
      run.warn({
        type: 'degraded',
        feature: 'protected template',
        details: `${yielded} of the rows that ${policy.name} protects as far as there is room are not protected: they would take more than half of what is left of the budget of ${this.#budget}`,
      });
  }

  #forward(input: ForwardInput, next: Forward): Promise<ForwardOutput> {
    const request = this.#decoding?.request(this.run.cache!, input.ids.length);
    if (!request) return next(input);
    const scores = { ...input.want?.scores, [this.settings.name]: request };
    return next({ ...input, want: { ...input.want, scores } });
  }

  #sum(view: CacheView, last: ForwardOutput): void {
    const scores = last.scores?.[this.settings.name];
    if (scores) this.#summed?.add(view, scores, 1);
  }

  #endOfPrompt(
    view: CacheView,
    last: ForwardOutput,
    { promptEnd }: EditMoment,
  ): KeepEdit | undefined {
    const { layers, run, settings } = this;
    this.#sum(view, last);
    const isFull = new Set(layers.full);
    const candidates = Array.from({ length: layers.count }, (_, layer) =>
      rowsBefore(view.positions(layer, 0), promptEnd - 1),
    );
    const sliding = candidates.filter((_, layer) => !isFull.has(layer));
    if (sliding.some((count) => count > this.#budget))
      run.warn({
        type: 'degraded',
        feature: 'sliding-window layers',
        details: `the ${sliding.length} of ${layers.count} layers with a sliding window keep all their rows`,
      });
    const scores = this.#summed?.of(view) ?? last.scores?.[settings.name];
    const kept = this.#timed(() =>
      cutLayers(view, {
        ...this.#cut(scores),
        budget: this.#budgetOfPrompt,
        candidates,
        newRows: promptEnd - run.prompt.position,
      }),
    );
    // The token fed again is in neither count.
    const rowsKept = kept ? mean(kept.map(([rows]) => rows.length)) : mean(candidates) + 1;
    run.emit('rowsKept', rowsKept);
    if (kept) this.#rowsDropped += mean(candidates) - rowsKept;
    run.emit('rowsDropped', this.#rowsDropped);
    const { every } = settings;
    const room = Math.min(
      run.maxNewTokens,
      every === undefined ? headroom : Math.max(1, every - 1),
    );
    if (kept) this.#decoding?.begin(kept);
    return this.#edit(kept, { refeed: 1, room });
  }

  #whileDecoding(view: CacheView, last: ForwardOutput): KeepEdit | undefined {
    const decoding = this.#decoding;
    if (!decoding) return undefined;
    const scores = last.scores?.[this.settings.name];
    if (scores) decoding.add(view, scores);
    if (!decoding.isDue(view)) return undefined;
    const kept = this.#cutToNewest(view, decoding.scores(view));
    if (!kept) return undefined;
    decoding.begin(kept);
    this.run.emit('decodeCuts', ++decoding.count);
    return this.#edit(kept, { room: Math.min(this.run.maxNewTokens, this.settings.every!) });
  }

  #cutToNewest(view: CacheView, scores: Scores, budget = this.#budget): KeptRows | undefined {
    const newRows = view.nextPosition - this.run.prompt.position;
    return this.#timed(() => cutToNewest(view, { ...this.#cut(scores), budget, newRows }));
  }

  #cut(scores: Scores) {
    const { layers, run, settings } = this;
    const { headDim } = run.decoder.shape;
    const { random } = run;
    return {
      policy: settings.policy,
      budget: this.#budget,
      layers,
      always: this.#kept,
      scores,
      headDim,
      random,
    };
  }

  /** Adds to the time spent choosing, where there is something to choose. */
  #timed(choose: () => KeptRows | undefined): KeptRows | undefined {
    const started = performance.now();
    const kept = choose();
    if (kept) this.#selectMs += performance.now() - started;
    this.run.emit('selectMs', this.#selectMs);
    return kept;
  }

  #edit(kept: KeptRows | undefined, rest: Omit<KeepEdit, 'keep'>): KeepEdit | undefined {
    if (!kept) return undefined;
    const keep = (layer: number, kvHead: number) => kept[layer][kvHead];
    return { keep, ...rest, ...(this.settings.renumber && { renumber: true }) };
  }
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
