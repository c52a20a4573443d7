import {
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
import { cutLayers, cutToNewest, type KeptRows, layersOf } from './cut/cut-layers.js';
import { DecodeCuts } from './cut/decode-cuts.js';
import type { DropSettings } from './cut/drop-settings.js';
import { noRows, type ProtectedRows } from './cut/protected-rows.js';
import { RowScores } from './cut/row-scores.js';
import { fits, promptBudget, turnBudget } from './cut/turn-budget.js';
import { readAhead } from './look-ahead/look-ahead.js';
import { mostTokensAhead } from './look-ahead/lookahead-tokens.js';
import { tokensWrittenAhead } from './look-ahead/written-ahead.js';

/** Rows of headroom after the prompt if nothing bounds the answer. */
const headroom = 64;

type Scores = ReadonlyMap<number, Float32Array> | undefined;

/** State that a fork takes over. A later turn takes over only the protected rows. */
interface Memory {
  /** Protected rows of this turn and of earlier ones. */
  readonly protectedRows: ProtectedRows;
  /** Budget in rows. Known once the prompt is. */
  readonly budget: number;
  /** Attention of all tokens of the turn, for a policy that sums it. */
  readonly summed: RowScores | undefined;
  readonly decoding: DecodeCuts | undefined;
  /** Rows dropped from the prompt, mean over the layers. */
  readonly rowsDropped: number;
  readonly selectMs: number;
}

const nothing: Memory = {
  protectedRows: noRows,
  budget: 0,
  summed: undefined,
  decoding: undefined,
  rowsDropped: 0,
  selectMs: 0,
};

/** The hooks of `kvDrop` for one turn. */
export function dropRows(run: Run, settings: DropSettings, memory: Memory = nothing): Hooks {
  const { name, policy, every, betweenChunks, renumber } = settings;
  const layers = layersOf(run.decoder.shape);
  // Asked for under another name, because the last chunk's scores must have all their rows, and an
  // earlier chunk may have fewer.
  const between = `${name}, between chunks`;
  let { protectedRows, budget, rowsDropped, selectMs } = memory;
  let summed = memory.summed?.copy();
  let decoding = memory.decoding?.copy(summed);
  let kept = keptForCertain(protectedRows);

  const begin = (): void => {
    if (policy.lookahead?.written) tokensWrittenAhead(name, run);
    ({ budget, protectedRows } = turnBudget(run, settings, protectedRows));
    kept = keptForCertain(protectedRows);
    if (every === undefined) return;
    const asked = policy.scores?.(every);
    if (asked?.chunks === 'every') summed = new RowScores(asked.reduceRows);
    decoding = new DecodeCuts(layers, every, budget, asked, summed);
  };

  /** Adds to the time spent choosing if there is something to choose. */
  const timed = (choose: () => KeptRows | undefined): KeptRows | undefined => {
    const started = performance.now();
    const chosen = choose();
    if (chosen) selectMs += performance.now() - started;
    run.emit('selectMs', selectMs);
    return chosen;
  };

  const cut = (scores: Scores) => ({
    policy,
    budget,
    layers,
    always: kept,
    scores,
    headDim: run.decoder.shape.headDim,
    random: run.random,
  });

  const cutCache = (view: CacheView, scores: Scores, rows = budget): KeptRows | undefined => {
    const newRows = view.nextPosition - run.prompt.position;
    return timed(() => cutToNewest(view, { ...cut(scores), budget: rows, newRows }));
  };

  const edit = (rows: KeptRows | undefined, rest: Omit<KeepEdit, 'keep'>): KeepEdit | undefined => {
    if (!rows) return undefined;
    const keep = (layer: number, kvHead: number) => rows[layer][kvHead];
    return { keep, ...rest, ...(renumber && { renumber: true }) };
  };

  const sum = (view: CacheView, last: ForwardOutput): void => {
    const scores = last.scores?.[name];
    if (scores) summed?.add(view, scores, 1);
  };

  const prefill = async (
    input: ForwardInput,
    next: Forward,
    draft: Forward,
  ): Promise<ForwardOutput> => {
    const newRows = run.prompt.compressed.ids.length;
    const request: ScoresRequest | undefined = policy.scores && {
      ...policy.scores(newRows),
      layers: layers.full,
    };
    const sums = request?.chunks === 'every';
    const nothingToDrop = fits(run, settings, budget) || layers.full.length === 0;
    const ahead = policy.lookahead;
    if (nothingToDrop && ahead) {
      run.emit('lookaheadTokens', 0);
      run.emit('lookaheadMs', 0);
    }
    // Sums begin with the prompt, even if rows are dropped only later.
    if (!request || (nothingToDrop && !(sums && every !== undefined))) return next(input);
    if (sums) summed ??= new RowScores(request.reduceRows);
    const scores = {
      ...input.want?.scores,
      ...(betweenChunks && !sums && { [between]: { ...request, chunks: 'every' as const } }),
      ...(!ahead && { [name]: request }),
    };
    const wanted = { ...input, want: { ...input.want, scores } };
    if (!ahead) return next(wanted);
    const options = { run, name, request, lookahead: ahead, reduce: cutCache };
    return readAhead(wanted, next, draft, options);
  };

  const forward = (input: ForwardInput, next: Forward): Promise<ForwardOutput> => {
    const request = decoding?.request(run.cache!, input.ids.length);
    if (!request) return next(input);
    const scores = { ...input.want?.scores, [name]: request };
    return next({ ...input, want: { ...input.want, scores } });
  };

  const betweenTwoChunks = (view: CacheView, last: ForwardOutput): KeepEdit | undefined => {
    sum(view, last);
    if (!betweenChunks) return undefined;
    const rows = cutCache(view, summed?.of(view) ?? last.scores?.[between]);
    if (rows) rowsDropped += mean(rows.map(([own], layer) => view.rows(layer) - own.length));
    return edit(rows, {});
  };

  const endOfPrompt = (
    view: CacheView,
    last: ForwardOutput,
    promptEnd: number,
  ): KeepEdit | undefined => {
    sum(view, last);
    const isFull = new Set(layers.full);
    const candidates = Array.from({ length: layers.count }, (_, layer) =>
      rowsBefore(view.positions(layer, 0), promptEnd - 1),
    );
    const sliding = candidates.filter((_, layer) => !isFull.has(layer));
    if (sliding.some((count) => count > budget))
      run.warn({
        type: 'degraded',
        feature: 'sliding-window layers',
        details: `the ${sliding.length} of ${layers.count} layers with a sliding window keep all their rows`,
      });
    const scores = summed?.of(view) ?? last.scores?.[name];
    const rows = timed(() =>
      cutLayers(view, {
        ...cut(scores),
        budget: promptBudget(settings, budget),
        candidates,
        newRows: promptEnd - run.prompt.position,
      }),
    );
    // The token fed again is in neither count.
    const rowsKept = rows ? mean(rows.map(([own]) => own.length)) : mean(candidates) + 1;
    run.emit('rowsKept', rowsKept);
    if (rows) rowsDropped += mean(candidates) - rowsKept;
    run.emit('rowsDropped', rowsDropped);
    if (rows) decoding?.begin(rows);
    const ahead = every === undefined ? headroom : Math.max(1, every - 1);
    return edit(rows, { refeed: 1, rowsAhead: Math.min(run.maxNewTokens, ahead) });
  };

  const whileDecoding = (view: CacheView, last: ForwardOutput): KeepEdit | undefined => {
    if (!decoding) return undefined;
    const scores = last.scores?.[name];
    if (scores) decoding.add(view, scores);
    if (!decoding.isDue(view)) return undefined;
    const rows = cutCache(view, decoding.scores(view));
    if (!rows) return undefined;
    decoding.begin(rows);
    run.emit('decodeCuts', ++decoding.count);
    return edit(rows, { rowsAhead: Math.min(run.maxNewTokens, every!) });
  };

  return {
    bounds() {
      begin();
      if (!betweenChunks && every === undefined) return undefined;
      return {
        ...(betweenChunks && { prefill: budget, renumbers: renumber }),
        ...(every !== undefined && { decode: budget + every }),
        beyond: fits(run, settings, budget) ? 0 : mostTokensAhead(name, policy.lookahead, run),
      };
    },
    prefill,
    ...(every !== undefined && policy.scores && { forward }),
    editCache(view, last, { phase, promptEnd }: EditMoment) {
      if (phase === 'prefill-end') return endOfPrompt(view, last, promptEnd);
      return phase === 'decode' ? whileDecoding(view, last) : betweenTwoChunks(view, last);
    },
    proposalRoom: (view) => (decoding?.toCut(view) ?? Number.POSITIVE_INFINITY) - 1,
    rollback() {
      const { position, compressed: prompt } = run.prompt;
      decoding?.truncate(position + prompt.ids.length + Math.max(0, run.generated.length - 1));
    },
    fork: (copy) =>
      dropRows(copy, settings, { protectedRows, budget, summed, decoding, rowsDropped, selectMs }),
    nextTurn: (later) => dropRows(later, settings, { ...nothing, protectedRows }),
  };
}

const keptForCertain = ({ always, newest }: ProtectedRows) => new Set([...always, ...newest]);

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
