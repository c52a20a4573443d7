import { z } from 'zod/v4';
import { pathSchema } from './argument-schemas.js';
import { boundsOf, rowsToOpen } from './cache-bounds.js';
import { decodeStep, verificationNeeds } from './decode.js';
import type { Decoder, Sequence } from './decoder.js';
import { encodeLaterTurn, encodePrefix, encodePrompt } from './encode-prompt.js';
import { PromptError, StackError, StateError } from './errors.js';
import { type ResolvedGenerateOptions, resolveGenerateOptions } from './generate-options.js';
import type { GenerateOptions, Generation, Step } from './generation.js';
import { guard } from './guard.js';
import { type Installed, install, type RunState } from './installed.js';
import { answerInCache, prependUnread } from './later-turn.js';
import { Meter } from './meter.js';
import { runOnion } from './onion.js';
import { parseArguments } from './parse-options.js';
import { randomStream } from './random.js';
import { readPrompt } from './read-prompt.js';
import { requireCapability } from './require-capability.js';
import type { PrefillPart, Result, StreamPart, Warning } from './result.js';
import { loadGeneration, saveGeneration } from './saved-generation.js';
import { StepDistribution } from './step-distribution.js';
import { TextStream } from './text-stream.js';
import type { EncodedPrompt, Message, Prompt } from './tokenizer.js';
import { truncateCache } from './truncate-cache.js';
import {
  type ActiveTurn,
  layersOf,
  logWeightOf,
  type RunForward,
  type Stack,
  type Turn,
} from './turn.js';

const saveArguments = z.strictObject({ path: pathSchema });
const forkArguments = z.strictObject({ options: z.strictObject({ seed: z.int() }) });
const appendArguments = z.strictObject({
  messages: z
    .array(z.unknown(), 'must be a list of messages')
    .min(1, 'is an empty list of messages'),
});
const rollbackArguments = z.strictObject({ count: z.number('must be a number of tokens') });

const runDirectly: RunForward = (sequence, input) => sequence.forward(input);
const neverAborted = new AbortController().signal;

/**
 * Invariant between steps: the last accepted token is not in the cache yet; with none accepted, the first is chosen from the prompt's
 * logits. Rollback, fork and append start from there.
 */
export class PipelineGeneration<Value = unknown> implements Generation<Value> {
  readonly #stack: Stack;
  readonly #distribution: StepDistribution;
  readonly #onPart: (part: PrefillPart) => void;
  /** Chat so far, for `append`; undefined when the prompt was not a chat. */
  #messages: readonly Message[] | undefined;
  #sequence: Sequence | undefined;
  #turn!: Turn;
  #busy = false;
  #closed = false;
  #parts: StreamPart[] = [];

  private constructor(stack: Stack, onPart: (part: PrefillPart) => void) {
    this.#stack = stack;
    this.#onPart = onPart;
    this.#distribution = new StepDistribution(stack.decoder.shape.vocabulary);
  }

  static async start<Value>(
    stack: Stack,
    prompt: Prompt,
    options: ResolvedGenerateOptions,
    onPart: (part: PrefillPart) => void = () => {},
  ): Promise<PipelineGeneration<Value>> {
    const meter = new Meter();
    const original = encodePrompt(prompt, stack.tokenizer);
    const generation = new PipelineGeneration<Value>(stack, onPart);
    const messages = 'messages' in prompt ? prompt.messages : undefined;
    return generation.#beginFirst(original, messages, options, { meter });
  }

  /** Reads a beginning that is not answered. */
  static async read<Value>(
    stack: Stack,
    messages: readonly Message[],
    options: ResolvedGenerateOptions,
  ): Promise<PipelineGeneration<Value>> {
    const meter = new Meter();
    const original = encodePrefix(messages, stack.tokenizer);
    const generation = new PipelineGeneration<Value>(stack, () => {});
    return generation.#beginFirst(original, messages, options, { meter, isPrefix: true });
  }

  /** A generation as `save` left it, with new random streams. */
  static async load<Value>(
    stack: Stack,
    path: string,
    options: GenerateOptions,
  ): Promise<PipelineGeneration<Value>> {
    const { decoder, needs, tokenizer } = stack;
    // Refused before the file is read.
    resolveGenerateOptions(options);
    const { saved, promptLogits, cache } = await loadGeneration(path, decoder, tokenizer);
    const resolved = resolveGenerateOptions({ ...saved.options, ...options });
    const meter = new Meter();
    const generation = new PipelineGeneration<Value>(stack, () => {});
    generation.#messages = saved.messages;
    const { kept, tokens } = saved;
    const stream = `, loaded at ${tokens.length}`;
    generation.#beginTurn(saved.original, resolved, { ...saved, meter, stream });
    const turn = generation.#turn;
    const { state } = turn;
    state.kept = kept;
    for (const token of tokens) state.tokens.push(token);
    for (const weight of saved.logWeights) turn.logWeights.push(weight);
    turn.promptEnd = saved.promptEnd;
    turn.promptLogits = promptLogits;
    for (const token of tokens) turn.text.push(token);
    turn.text.release(true);
    // With another limit than it had.
    const { finishReason = 'length' } = saved;
    if (finishReason !== 'length' || tokens.length >= resolved.maxNewTokens)
      turn.finishReason = finishReason;
    await generation.#exclusively(async () => {
      turn.bounds = boundsOf(turn);
      const { maxRows } = rowsToOpen(kept.ids.length, 0, stack.chunkSize, turn.bounds);
      const sequence = await decoder.open({ needs, maxRows });
      generation.#follow(sequence);
      sequence.restore!(cache);
      meter.prefillDone();
      for (const { name, hooks } of tokens.length > 0 ? turn.installed : [])
        guard(name, 'commit', tokens.length - 1, () => hooks.commit?.(tokens));
    });
    return generation;
  }

  async save(path: string): Promise<void> {
    parseArguments('save', saveArguments, { path });
    this.#requireRead();
    const { decoder } = this.#stack;
    const turn = this.#turn;
    const messages = this.#messages;
    this.#busy = true;
    try {
      await saveGeneration(path, { decoder, sequence: this.#sequence!, turn, messages });
    } finally {
      this.#busy = false;
    }
  }

  get done(): boolean {
    return this.#turn.finishReason !== undefined;
  }
  get tokens(): readonly number[] {
    return this.#turn.state.tokens;
  }
  get text(): string {
    return this.#turn.text.text;
  }
  get logWeight(): number {
    return logWeightOf(this.#turn);
  }
  get decoder(): Decoder {
    return this.#stack.decoder;
  }

  step(): Promise<Step> {
    return this.stepThrough(runDirectly);
  }

  /** `step` with another way to run decode forwards; `stepAll` gathers them into a batch. */
  async stepThrough(runForward: RunForward): Promise<Step> {
    const turn = this.#turn;
    const { tokens, meter } = turn.state;
    const before = tokens.length;
    const wasDone = this.done;
    if (turn.isPrefix)
      throw new StateError(
        'a beginning that was read has nothing to answer yet; fork() it and append() a question',
      );
    const started = performance.now();
    if (!wasDone || this.#closed)
      await this.#exclusively(() => decodeStep(this.#active(), runForward));
    meter.addStep(performance.now() - started, tokens.length - before);
    return {
      tokens: tokens.slice(before),
      logWeight: wasDone ? 0 : logWeightOf(turn, before),
      finishReason: turn.finishReason,
    };
  }

  async fork(options: { seed: number }): Promise<PipelineGeneration<Value>> {
    const { seed } = parseArguments('fork', forkArguments, { options }).options;
    this.#requireRead();
    requireCapability(this.#stack.decoder, 'fork', 'fork()');
    // Everything is copied before the first await: a step that begins meanwhile is not seen.
    const turn = this.#turn;
    const copy = new PipelineGeneration<Value>(this.#stack, () => {});
    copy.#messages = this.#messages;
    const { tokens, stream } = turn.state;
    const state: RunState = {
      ...turn.state,
      seed,
      stream: `${stream}, fork at ${tokens.length}`,
      tokens: [...tokens],
      meter: new Meter(),
      drafts: new Set(),
      sequence: undefined,
      warn: (warning) => copy.#warn(warning),
    };
    const text = turn.text.replay(tokens);
    text.release(true);
    copy.#turn = {
      ...turn,
      state,
      installed: [],
      seen: undefined,
      warnings: [],
      logWeights: [...turn.logWeights],
      draw: randomStream(seed, `pipeline${state.stream}`),
      text,
    };
    const forking = this.#sequence!.fork();
    try {
      copy.#turn.installed = install(this.#stack.middlewares, state, {
        phase: 'fork',
        before: turn.installed,
      });
    } catch (error) {
      (await forking).close();
      throw error;
    }
    copy.#turn.warnings = unite(turn.warnings, copy.#turn.warnings);
    copy.#follow(await forking);
    state.meter.prefillDone();
    return copy;
  }

  async append(messages: readonly Message[], options?: GenerateOptions): Promise<void> {
    parseArguments('append', appendArguments, { messages });
    this.#requireRead();
    const resolved = options === undefined ? this.#turn.options : resolveGenerateOptions(options);
    if (!this.#messages)
      throw new PromptError(
        'append() goes on with a chat, and this prompt was not given as messages; start with { messages }',
      );
    const { number, isPrefix, installed } = this.#turn;
    const answer = isPrefix ? [] : [{ role: 'assistant', content: this.text }];
    const history = [...this.#messages, ...answer];
    const { position, unread, rest } = answerInCache(this.#active());
    const { nextPosition, nextRotaryPosition } = this.#sequence!.cache;
    const turns = encodeLaterTurn(history, messages, rest, this.#stack.tokenizer);
    const original = prependUnread(unread, turns, this.#stack.tokenizer.endOfText);
    this.#requireRoom(position + nextRotaryPosition - nextPosition, original);
    await this.#exclusively(async () => {
      await this.#endTurn();
      const sequence = this.#sequence!;
      if (sequence.cache.nextPosition > position) truncateCache(sequence, position);
      this.#messages = [...history, ...messages];
      this.#beginTurn(original, resolved, { number: number + 1, position, before: installed });
      this.#follow(sequence);
      this.#turn.bounds = boundsOf(this.#turn);
      await readPrompt(this.#active(), position);
    });
  }

  rollback(count: number): void {
    parseArguments('rollback', rollbackArguments, { count });
    this.#requireRead();
    const { state, logWeights, installed, promptEnd } = this.#turn;
    const left = state.tokens.length - count;
    if (!Number.isInteger(count) || count < 0 || left < 0)
      throw new StateError(`cannot take ${count} of ${state.tokens.length} tokens back`);
    if (count === 0) return;
    requireCapability(this.#stack.decoder, 'kv.edit', 'rollback()');
    const position = promptEnd + Math.max(0, left - 1);
    // First: it may refuse.
    if (this.#sequence!.cache.nextPosition > position) truncateCache(this.#sequence!, position);
    state.tokens.length = left;
    logWeights.length = left;
    this.#turn.text = this.#turn.text.replay(state.tokens);
    this.#turn.finishReason = undefined;
    this.#turn.seen = undefined;
    state.stopReason = undefined;
    for (const { name, hooks } of installed)
      guard(name, 'rollback', left, () => hooks.rollback?.(count));
  }

  result(): Result<Value> {
    const { state, text, warnings, finishReason } = this.#turn;
    const value = this.#value();
    return {
      text: text.text,
      tokens: [...state.tokens],
      finishReason: finishReason ?? 'aborted',
      ...(state.stopReason === undefined ? {} : { stopReason: state.stopReason }),
      ...(value === undefined ? {} : { value }),
      logWeight: this.logWeight,
      warnings: [...warnings],
      metrics: state.meter.metrics(
        state.original.ids.length,
        state.kept.ids.length,
        state.tokens.length,
      ),
    };
  }

  parts(): StreamPart<Value>[] {
    const delta = this.#turn.text.release(this.done);
    if (delta) this.#parts.push({ type: 'text-delta', delta });
    const parts = this.#parts as StreamPart<Value>[];
    this.#parts = [];
    return parts;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#endTurn();
    } finally {
      this.#sequence?.close();
      this.#sequence = undefined;
    }
  }

  #value(): Value | undefined {
    const { state, text, installed, finishReason } = this.#turn;
    if (finishReason !== 'stop') return undefined;
    // Of the type that `use` put together from those of the middlewares.
    return installed.reduce<unknown>((value, { name, hooks }) => {
      const own = guard(name, 'value', state.tokens.length, () => hooks.value?.(text.text));
      return own === undefined ? value : own;
    }, undefined) as Value | undefined;
  }

  #active(): ActiveTurn {
    return {
      stack: this.#stack,
      turn: this.#turn,
      sequence: this.#sequence!,
      distribution: this.#distribution,
      onPart: this.#onPart,
    };
  }

  #beginTurn(original: EncodedPrompt, options: ResolvedGenerateOptions, begin: Begin): void {
    const { decoder, tokenizer, middlewares, warnings } = this.#stack;
    const { meter = new Meter(), number = 0, position = 0, isPrefix = false, before } = begin;
    const state: RunState = {
      decoder,
      tokenizer,
      signal: options.signal ?? neverAborted,
      seed: options.seed,
      stream: `${number === 0 ? '' : `, turn ${number}`}${begin.stream ?? ''}`,
      maxNewTokens: options.maxNewTokens,
      temperature: options.temperature,
      truncation: { topK: options.topK, topP: options.topP, minP: options.minP },
      position,
      original,
      kept: original,
      tokens: [],
      meter,
      drafts: new Set(),
      sequence: undefined,
      ended: false,
      stopReason: undefined,
      warn: (warning) => this.#warn(warning),
    };
    this.#turn = {
      number,
      isPrefix,
      options,
      state,
      installed: [],
      warnings: [...warnings],
      logWeights: [],
      draw: randomStream(state.seed, `pipeline${state.stream}`),
      promptEnd: 0,
      promptLogits: new Float32Array(),
      text: new TextStream(tokenizer, options.stop),
    };
    const from = before && ({ phase: 'nextTurn', before } as const);
    this.#turn.installed = install(middlewares, state, from);
    for (const { name, hooks, middleware } of this.#turn.installed)
      for (const capability of verificationNeeds)
        if (
          hooks.propose &&
          !middleware.requires.includes(capability) &&
          !middleware.optional?.includes(capability)
        )
          throw new StackError(
            name,
            `proposes tokens and does not list '${capability}' in requires or optional`,
          );
  }

  async #beginFirst(
    original: EncodedPrompt,
    messages: readonly Message[] | undefined,
    options: ResolvedGenerateOptions,
    begin: Begin,
  ): Promise<this> {
    this.#messages = messages;
    this.#beginTurn(original, options, begin);
    await this.#exclusively(() => this.#readFirstPrompt());
    return this;
  }

  async #readFirstPrompt(): Promise<void> {
    const { decoder, needs, chunkSize } = this.#stack;
    const turn = this.#turn;
    const { state } = turn;
    state.kept = await runOnion<EncodedPrompt, EncodedPrompt>(
      layersOf(this.#turn, (hooks) => hooks.prompt?.bind(hooks)),
      async (prompt) => prompt,
      state.original,
      { name: 'prompt', step: 0 },
    );
    turn.bounds = boundsOf(turn);
    this.#requireRoom(0, state.kept);
    state.signal.throwIfAborted();
    const { maxNewTokens } = state;
    const rows = rowsToOpen(state.kept.ids.length, maxNewTokens, chunkSize, turn.bounds);
    this.#follow(await decoder.open({ needs, ...rows }));
    await readPrompt(this.#active(), 0);
  }

  #follow(sequence: Sequence): void {
    this.#sequence = sequence;
    this.#turn.state.sequence = sequence;
    this.#turn.state.meter.follow(sequence);
  }

  /** @param from rotary position of the first token */
  #requireRoom(from: number, { ids }: EncodedPrompt): void {
    const { decoder, chunkSize } = this.#stack;
    const { id, shape } = decoder;
    const { prefill, renumbers } = this.#turn.bounds ?? {};
    if (ids.length === 0) throw new PromptError('the prompt phase left no token to read');
    const whole = from + ids.length;
    const end = renumbers ? Math.min(whole, (prefill ?? whole) + chunkSize) : whole;
    if (end >= shape.maxPositions)
      throw new PromptError(
        `the prompt ends at position ${end} and the context of '${id}' is ${shape.maxPositions}, one of them for the answer; shorten it, or install a middleware that does (prompt-compress)`,
      );
  }

  #warn(warning: Warning): void {
    this.#turn.warnings.push(warning);
    this.#parts.push({ type: 'warning', warning });
  }

  /** One call at a time; an abort ends the turn, any other error ends the generation. */
  async #exclusively(call: () => Promise<void>): Promise<void> {
    this.#requireOpen();
    this.#busy = true;
    try {
      await call();
    } catch (error) {
      if (this.#turn.state.signal.aborted) {
        this.#turn.finishReason = 'aborted';
        return;
      }
      // The error that ended it matters more than what its end hooks may throw.
      await this.close().catch(() => {});
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new StateError('the generation is closed');
    if (this.#busy) throw new StateError('a step of this generation is still under way; await it');
  }

  #requireRead(): void {
    this.#requireOpen();
    if (!this.#sequence || this.#turn.promptLogits.length === 0)
      throw new StateError('the generation was aborted before its prompt was read');
  }

  async #endTurn(): Promise<void> {
    const { state, installed } = this.#turn;
    const result = this.result();
    const errors: unknown[] = [];
    for (const { name, hooks } of installed)
      try {
        await guard(name, 'end', state.tokens.length, () => hooks.end?.(result));
      } catch (error) {
        errors.push(error);
      }
    state.ended = true;
    for (const draft of state.drafts) draft.close();
    if (errors.length > 0) throw errors[0];
  }
}

/** How a turn begins; by default the first one, with nothing before it. */
interface Begin {
  readonly meter?: Meter;
  readonly number?: number;
  readonly position?: number;
  readonly isPrefix?: boolean;
  /** Added to the names of the random streams. */
  readonly stream?: string;
  /** The middlewares' hooks of the turn before. */
  readonly before?: readonly Installed[];
}

/** The parent's warnings and those of the copy that say something new. */
function unite(parent: readonly Warning[], copy: readonly Warning[]): Warning[] {
  const known = new Set(parent.map((warning) => JSON.stringify(warning)));
  return [...parent, ...copy.filter((warning) => !known.has(JSON.stringify(warning)))];
}
