import type { CacheView, Phase } from './cache.js';
import { combineEdits, type NamedEdit } from './cache-edits.js';
import type { Capability } from './capability.js';
import { runChoose } from './choose.js';
import type { Decoder, ForwardInput, ForwardOutput, Sequence } from './decoder.js';
import { encodePrompt, encodeText } from './encode-prompt.js';
import {
  MiddlewareError,
  MissingCapabilityError,
  PliantError,
  PromptError,
  StackError,
  StateError,
} from './errors.js';
import type { ResolvedGenerateOptions } from './generate-options.js';
import type { Generation, Step } from './generation.js';
import { type AnyMiddleware, type Installed, install, type RunState } from './installed.js';
import { Meter } from './meter.js';
import type { Hooks } from './middleware.js';
import { messageOf, runOnion } from './onion.js';
import { readInChunks } from './prefill.js';
import { randomStream } from './random.js';
import { penalise } from './repetition-penalty.js';
import type { FinishReason, Result, StreamPart, Warning } from './result.js';
import { StepDistribution } from './step-distribution.js';
import { TextStream } from './text-stream.js';
import type { EncodedPrompt, Message, Prompt, Tokenizer } from './tokenizer.js';

/** What a pipeline hands to its generations. */
export interface Stack {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly middlewares: readonly AnyMiddleware[];
  readonly needs: readonly Capability[];
  readonly warnings: readonly Warning[];
  readonly chunkSize: number;
}

type RunForward = (sequence: Sequence, input: ForwardInput) => Promise<ForwardOutput>;
const runDirectly: RunForward = (sequence, input) => sequence.forward(input);

/** One turn: from a prompt to the end of its answer. */
interface Turn {
  readonly number: number;
  readonly state: RunState;
  installed: readonly Installed[];
  readonly warnings: Warning[];
  readonly logWeights: number[];
  readonly draw: () => number;
  /** Position after the prompt's last token. */
  promptEnd: number;
  /** What the first token is chosen from; kept for forks and for a rollback of the whole answer. */
  promptLogits: Float32Array;
  text: TextStream;
  /** Tokens of prompt and answer, once a repetition penalty asks for them. */
  seen?: Set<number>;
  finishReason?: FinishReason;
}

export class PipelineGeneration implements Generation {
  readonly #stack: Stack;
  readonly #options: ResolvedGenerateOptions;
  readonly #signal: AbortSignal;
  readonly #distribution: StepDistribution;
  readonly #onPart: (part: StreamPart) => void;
  /** Chat so far, for `append`; undefined when the prompt was not a chat. */
  #messages: readonly Message[] | undefined;
  #sequence: Sequence | undefined;
  #turn!: Turn;
  #busy = false;
  #closed = false;
  #parts: StreamPart[] = [];

  private constructor(
    stack: Stack,
    options: ResolvedGenerateOptions,
    signal: AbortSignal,
    onPart: (part: StreamPart) => void,
  ) {
    this.#stack = stack;
    this.#options = options;
    this.#signal = signal;
    this.#onPart = onPart;
    this.#distribution = new StepDistribution(stack.decoder.shape.vocabulary);
  }

  static async start(
    stack: Stack,
    prompt: Prompt,
    options: ResolvedGenerateOptions,
    signal: AbortSignal,
    onPart: (part: StreamPart) => void,
  ): Promise<PipelineGeneration> {
    const meter = new Meter();
    const original = encodePrompt(prompt, stack.tokenizer);
    const generation = new PipelineGeneration(stack, options, signal, onPart);
    generation.#messages = 'messages' in prompt ? prompt.messages : undefined;
    generation.#beginTurn(original, meter, 0);
    await generation.#exclusively(() => generation.#readFirstPrompt());
    return generation;
  }

  get done(): boolean {
    return this.#turn.finishReason !== undefined;
  }
  get tokens(): readonly number[] {
    return this.#turn.state.tokens;
  }
  get logWeight(): number {
    return this.#turn.logWeights.reduce((sum, weight) => sum + weight, 0);
  }
  get decoder(): Decoder {
    return this.#stack.decoder;
  }

  step(): Promise<Step> {
    return this.stepThrough(runDirectly);
  }

  /** `step` with another way to run decode forwards; `stepAll` gathers them into a batch. */
  async stepThrough(runForward: RunForward): Promise<Step> {
    const { state, logWeights } = this.#turn;
    const before = state.tokens.length;
    const started = performance.now();
    if (!this.done || this.#closed) await this.#exclusively(() => this.#decode(runForward));
    state.meter.addStep(performance.now() - started, state.tokens.length - before);
    return {
      tokens: state.tokens.slice(before),
      logWeight: logWeights.slice(before).reduce((sum, weight) => sum + weight, 0),
      finishReason: this.#turn.finishReason,
    };
  }

  async fork({ seed }: { seed: number }): Promise<PipelineGeneration> {
    this.#requireRead();
    this.#requireCapability('fork', 'fork()');
    const turn = this.#turn;
    const copy = new PipelineGeneration(this.#stack, this.#options, this.#signal, () => {});
    const state: RunState = {
      ...turn.state,
      seed,
      tokens: [...turn.state.tokens],
      meter: new Meter(),
      drafts: new Set(),
      warn: (warning) => copy.#warn(warning),
    };
    const sequence = await this.#sequence!.fork();
    copy.#sequence = sequence;
    state.meter.follow(sequence);
    state.meter.prefillDone();
    copy.#messages = this.#messages;
    const text = turn.text.replay(state.tokens);
    text.release(true);
    copy.#turn = {
      ...turn,
      state,
      installed: [],
      seen: undefined,
      warnings: [...turn.warnings],
      logWeights: [...turn.logWeights],
      draw: randomStream(seed, 'pipeline'),
      text,
    };
    try {
      copy.#turn.installed = install(this.#stack.middlewares, state, turn.installed);
    } catch (error) {
      sequence.close();
      throw error;
    }
    return copy;
  }

  async append(messages: readonly Message[]): Promise<void> {
    this.#requireRead();
    if (!this.#messages)
      throw new PromptError(
        'append() goes on with a chat, and this prompt was not given as messages; start with { messages }',
      );
    const { tokenizer } = this.#stack;
    const history = [...this.#messages, { role: 'assistant', content: this.#turn.text.text }];
    const read = tokenizer.renderChat(history, { continueLast: true });
    const all = tokenizer.renderChat([...history, ...messages]);
    if (!all.startsWith(read))
      throw new PromptError(
        'the chat template rewrites earlier turns, so they cannot be kept; start a new generation with the whole chat',
      );
    const turns = encodeText(all.slice(read.length), tokenizer);
    const original = this.#withUnreadToken(turns);
    const position = this.#sequence!.cache.nextPosition;
    const number = this.#turn.number + 1;
    await this.#endTurn();
    this.#messages = [...history, ...messages];
    this.#beginTurn(original, new Meter(), number);
    this.#turn.state.meter.follow(this.#sequence!);
    await this.#exclusively(() => this.#readPrompt(position));
  }

  rollback(count: number): void {
    this.#requireRead();
    const { state, logWeights, installed, promptEnd } = this.#turn;
    if (!Number.isInteger(count) || count < 0 || count > state.tokens.length)
      throw new StateError(`cannot take ${count} of ${state.tokens.length} tokens back`);
    if (count === 0) return;
    this.#requireCapability('kv.edit', 'rollback()');
    state.tokens.length -= count;
    logWeights.length -= count;
    this.#turn.text = this.#turn.text.replay(state.tokens);
    this.#turn.finishReason = undefined;
    this.#turn.seen = undefined;
    state.stopReason = undefined;
    // The last token that stays is fed by the next step; without one, the prompt's logits are chosen from again.
    const position = promptEnd + Math.max(0, state.tokens.length - 1);
    if (this.#sequence!.cache.nextPosition > position) this.#sequence!.edit({ truncate: position });
    for (const { name, hooks } of installed)
      this.#guard(name, 'rollback', () => hooks.rollback?.(count));
  }

  result(): Result {
    const { state, text, warnings, finishReason } = this.#turn;
    return {
      text: text.text,
      tokens: [...state.tokens],
      finishReason: finishReason ?? 'aborted',
      ...(state.stopReason === undefined ? {} : { stopReason: state.stopReason }),
      logWeight: this.logWeight,
      warnings: [...warnings],
      metrics: state.meter.metrics(
        state.original.ids.length,
        state.kept.ids.length,
        state.tokens.length,
      ),
    };
  }

  parts(): StreamPart[] {
    const delta = this.#turn.text.release(this.done);
    if (delta) this.#parts.push({ type: 'text-delta', delta });
    const parts = this.#parts;
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

  #beginTurn(original: EncodedPrompt, meter: Meter, number: number): void {
    const { decoder, tokenizer, middlewares } = this.#stack;
    const { maxNewTokens, temperature, seed, stop } = this.#options;
    const state: RunState = {
      decoder,
      tokenizer,
      signal: this.#signal,
      seed: number === 0 ? seed : seed + number * 0x9e3779b1,
      maxNewTokens,
      temperature,
      original,
      kept: original,
      tokens: [],
      meter,
      drafts: new Set(),
      stopReason: undefined,
      warn: (warning) => this.#warn(warning),
    };
    this.#turn = {
      number,
      state,
      installed: [],
      warnings: [...this.#stack.warnings],
      logWeights: [],
      draw: randomStream(state.seed, 'pipeline'),
      promptEnd: 0,
      promptLogits: new Float32Array(),
      text: new TextStream(tokenizer, stop),
    };
    this.#turn.installed = install(middlewares, state);
    const proposers = this.#turn.installed.filter(({ hooks }) => hooks.propose);
    if (proposers.length > 1)
      throw new StackError(
        proposers[1].name,
        `'${proposers[0].name}' already proposes tokens; a stack has one proposer`,
      );
    for (const { name, middleware } of proposers)
      for (const capability of ['logits.all', 'kv.edit'] as const)
        if (!middleware.requires.includes(capability))
          throw new StackError(
            name,
            `proposes tokens and does not list '${capability}' in requires`,
          );
  }

  async #readFirstPrompt(): Promise<void> {
    const { decoder, needs } = this.#stack;
    const { state } = this.#turn;
    state.kept = await runOnion(this.#layers('prompt'), async (prompt) => prompt, state.original, {
      name: 'prompt',
      step: 0,
    });
    if (state.kept.ids.length >= decoder.shape.maxPositions)
      throw new PromptError(
        `the prompt has ${state.kept.ids.length} tokens and the context of '${decoder.id}' is ${decoder.shape.maxPositions}, one of them for the answer; shorten it, or install a middleware that does (prompt-compress)`,
      );
    this.#signal.throwIfAborted();
    this.#sequence = await decoder.open({
      needs,
      rows: state.kept.ids.length + Math.min(state.maxNewTokens, 256),
    });
    state.meter.follow(this.#sequence);
    await this.#readPrompt(0);
  }

  /** Prefill from `position` on, the cache edits that follow it, and the last prompt token fed again where rows were appended or an edit asks for it. */
  async #readPrompt(position: number): Promise<void> {
    const turn = this.#turn;
    const { ids } = turn.state.kept;
    const sequence = this.#sequence!;
    turn.promptEnd = position + ids.length;
    let appended = 0;
    const forward = (input: ForwardInput) => this.#timedPrefill(sequence, input);
    const read = (input: ForwardInput) => {
      if (ids.some((id, index) => input.ids[index] !== id))
        throw new StateError('a prefill hook changed the prompt; it may only append tokens');
      appended = input.ids.length - ids.length;
      return readInChunks(input, {
        chunkSize: this.#stack.chunkSize,
        signal: this.#signal,
        forward,
        chunkDone: (output, tokens, total) => {
          this.#onPart({ type: 'prefill', tokens, total });
          if (tokens < total) this.#editCache(output, 'prefill-chunk', Number.POSITIVE_INFINITY);
        },
      });
    };
    let output = await runOnion(
      this.#layers('prefill'),
      read,
      { ids, want: { logits: 'last' } },
      { name: 'prefill', step: 0 },
    );
    const edits = this.#collectEdits(output, 'prefill-end');
    const refeed =
      appended > 0 || output.logits.length === 0 || edits.some(({ edit }) => edit.refeed === 1);
    const last = turn.promptEnd - 1;
    this.#applyEdits(edits, 'prefill-end', refeed ? last : Number.POSITIVE_INFINITY);
    if (refeed) {
      sequence.edit({ truncate: last });
      output = await forward({ ids: ids.subarray(ids.length - 1), signal: this.#signal });
    }
    turn.state.meter.prefillDone();
    turn.promptLogits = output.logits.slice();
  }

  async #timedPrefill(sequence: Sequence, input: ForwardInput): Promise<ForwardOutput> {
    const started = performance.now();
    const output = await sequence.forward(input);
    this.#turn.state.meter.addPrefill(performance.now() - started);
    return output;
  }

  async #decode(runForward: RunForward): Promise<void> {
    this.#signal.throwIfAborted();
    const { state, installed, promptEnd, promptLogits } = this.#turn;
    if (state.tokens.length === 0) {
      await this.#chooseFrom(promptLogits.slice());
      return;
    }
    const position = promptEnd + state.tokens.length - 1;
    const { maxPositions } = this.#stack.decoder.shape;
    if (position >= maxPositions) {
      this.#warn({
        type: 'other',
        feature: 'context',
        middleware: 'pipeline',
        details: `the context of ${maxPositions} positions is full`,
      });
      this.#finish('length');
      return;
    }
    const proposer = installed.find(({ hooks }) => hooks.propose);
    const room = Math.min(
      state.maxNewTokens - state.tokens.length - 1,
      maxPositions - position - 1,
    );
    const drafted = proposer && room > 0 ? await this.#propose(proposer, position, room) : [];
    await this.#verify(runForward, position, drafted);
  }

  async #propose(proposer: Installed, position: number, room: number): Promise<readonly number[]> {
    const sequence = this.#sequence!;
    const { name, hooks } = proposer;
    const drafted = await this.#guardAsync(name, 'propose', () =>
      hooks.propose!((input) => sequence.forward({ signal: this.#signal, ...input })),
    );
    if (sequence.cache.nextPosition > position) sequence.edit({ truncate: position });
    const { vocabulary } = this.#stack.decoder.shape;
    const wrong = drafted.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (wrong !== undefined)
      throw new MiddlewareError(
        name,
        'propose',
        this.tokens.length,
        `proposed token ${wrong}, outside of the vocabulary (0 to ${vocabulary - 1})`,
      );
    return drafted.slice(0, room);
  }

  /** Feeds the last token and those drafted in one forward, then chooses row by row until a choice differs from the draft. */
  async #verify(
    runForward: RunForward,
    position: number,
    drafted: readonly number[],
  ): Promise<void> {
    const { state } = this.#turn;
    const sequence = this.#sequence!;
    const last = state.tokens[state.tokens.length - 1];
    const input: ForwardInput = {
      ids: Int32Array.of(last, ...drafted),
      signal: this.#signal,
      ...(drafted.length > 0 ? { want: { logits: 'all' } } : {}),
    };
    const output = await runOnion(
      this.#layers('forward'),
      (given) => runForward(sequence, given),
      input,
      { name: 'forward', step: state.tokens.length },
    );
    if (drafted.length === 0) this.#editCache(output, 'decode', Number.POSITIVE_INFINITY);
    const { vocabulary } = this.#stack.decoder.shape;
    let row = 0;
    for (; row <= drafted.length; row++) {
      const logits = output.logits.subarray(row * vocabulary, (row + 1) * vocabulary);
      await this.#chooseFrom(logits);
      if (this.done || state.tokens.at(-1) !== drafted[row]) break;
    }
    if (row < drafted.length) sequence.edit({ truncate: position + row + 1 });
    if (drafted.length > 0) this.#editCache(output, 'decode', Number.POSITIVE_INFINITY);
  }

  async #chooseFrom(logits: Float32Array): Promise<void> {
    const { state, installed, draw } = this.#turn;
    const { repetitionPenalty } = this.#options;
    const step = state.tokens.length;
    if (repetitionPenalty !== 1) {
      this.#turn.seen ??= new Set([...state.kept.ids, ...state.tokens]);
      penalise(logits, this.#turn.seen, repetitionPenalty);
    }
    for (const { name, hooks } of installed)
      if (hooks.adjust) this.#guard(name, 'adjust', () => hooks.adjust!(logits));
    this.#distribution.load(logits, this.#options);
    const chosen = runChoose(installed, this.#distribution, draw, step);
    const { token, logWeight } = chosen instanceof Promise ? await chosen : chosen;
    if (token < 0) this.#finish('dead-end');
    else this.#accept(token, logWeight);
  }

  #accept(token: number, logWeight: number): void {
    const { state, logWeights, installed, text } = this.#turn;
    state.tokens.push(token);
    this.#turn.seen?.add(token);
    logWeights.push(logWeight);
    const stopped = text.push(token);
    for (const { name, hooks } of installed)
      if (hooks.commit) this.#guard(name, 'commit', () => hooks.commit!([token]));
    const ended = stopped || this.#stack.tokenizer.endOfText.has(token);
    if (ended || state.stopReason !== undefined) this.#finish('stop');
    else if (state.tokens.length >= state.maxNewTokens) this.#finish('length');
  }

  #finish(reason: FinishReason): void {
    this.#turn.finishReason = reason;
  }

  #collectEdits(output: ForwardOutput, phase: Phase): NamedEdit[] {
    const view: CacheView = this.#sequence!.cache;
    const edits: NamedEdit[] = [];
    for (const { name, hooks } of this.#turn.installed) {
      if (!hooks.editCache) continue;
      const edit = this.#guard(name, 'editCache', () => hooks.editCache!(view, output, phase));
      if (edit) edits.push({ middleware: name, edit });
    }
    return edits;
  }

  #applyEdits(edits: readonly NamedEdit[], phase: Phase, before: number): void {
    if (edits.length === 0) return;
    const sequence = this.#sequence!;
    const step = this.#turn.state.tokens.length;
    const at = { name: `editCache (${phase})`, step };
    const edit = combineEdits(sequence.cache, edits, at, before);
    // `refeed` tells the engine that a row follows at once, so that a smaller buffer has room for it.
    sequence.edit(before === Number.POSITIVE_INFINITY ? edit : { ...edit, refeed: 1 });
  }

  #editCache(output: ForwardOutput, phase: Phase, before: number): void {
    this.#applyEdits(this.#collectEdits(output, phase), phase, before);
  }

  #layers<Phase extends 'prompt' | 'prefill' | 'forward'>(phase: Phase) {
    return this.#turn.installed.flatMap(({ name, hooks }) => {
      const hook = hooks[phase];
      return hook
        ? [{ middleware: name, hook: hook.bind(hooks) as NonNullable<Hooks[Phase]> }]
        : [];
    });
  }

  #guard<T>(middleware: string, phase: string, call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw this.#blame(error, middleware, phase);
    }
  }

  async #guardAsync<T>(middleware: string, phase: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.#blame(error, middleware, phase);
    }
  }

  #blame(error: unknown, middleware: string, phase: string): unknown {
    if (PliantError.isInstance(error)) return error;
    return new MiddlewareError(middleware, phase, this.tokens.length, messageOf(error), {
      cause: error,
    });
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
      if (this.#signal.aborted) {
        this.#finish('aborted');
        return;
      }
      this.#busy = false;
      await this.close();
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
    if (!this.#sequence)
      throw new StateError('the generation was aborted before its prompt was read');
  }

  #requireCapability(capability: Capability, caller: string): void {
    const { decoder } = this.#stack;
    if (!decoder.capabilities.has(capability))
      throw new MissingCapabilityError(
        caller,
        capability,
        decoder.id,
        decoder.missing?.[capability] ?? 'Use a decoder that has it.',
      );
  }

  /** The chosen token not yet in the cache leads the new turn, unless the template writes it itself. */
  #withUnreadToken(turns: EncodedPrompt): EncodedPrompt {
    const last = this.#turn.state.tokens.at(-1);
    if (last === undefined || last === turns.ids[0]) return turns;
    const shift = (offsets: Int32Array) => Int32Array.of(0, ...offsets);
    return {
      ids: Int32Array.of(last, ...turns.ids),
      text: turns.text,
      byteStart: shift(turns.byteStart),
      byteEnd: shift(turns.byteEnd),
      spans: turns.spans.map((span) => ({ ...span, from: span.from + 1, to: span.to + 1 })),
    };
  }

  async #endTurn(): Promise<void> {
    const { state, installed } = this.#turn;
    const result = this.result();
    const errors: unknown[] = [];
    for (const { name, hooks } of installed)
      if (hooks.end)
        await this.#guardAsync(name, 'end', async () => hooks.end!(result)).catch((error) =>
          errors.push(error),
        );
    for (const draft of state.drafts) draft.close();
    if (errors.length > 0) throw errors[0];
  }
}
