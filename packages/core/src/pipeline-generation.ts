import { z } from 'zod/v4';
import { pathSchema } from './checks/argument-schemas.js';
import { parseArguments } from './checks/parse-options.js';
import { requireCapability } from './checks/require-capability.js';
import type { Decoder, Sequence } from './contract/decoder.js';
import { PromptError, StateError } from './contract/errors.js';
import type { GenerateOptions, Generation, Step } from './contract/generation.js';
import type { PrefillPart, Result, StreamPart, Warning } from './contract/result.js';
import type { EncodedPrompt, Message, MessageInput, Prompt } from './contract/tokenizer.js';
import { boundsOf, rowsToOpen } from './phases/cache-bounds.js';
import { decodeStep } from './phases/decode.js';
import { encodeLaterTurn, type LaterPrompt } from './phases/encode-later-turn.js';
import { readingOfFirst } from './phases/long-reading.js';
import { readPrompt } from './phases/read-prompt.js';
import { requireRoom } from './phases/require-room.js';
import { truncateCache } from './phases/truncate-cache.js';
import { checkMessages } from './prompt/check-messages.js';
import { checkPrompt } from './prompt/check-prompt.js';
import { encodeLong } from './prompt/encode-long.js';
import { encodeChecked, textOfPrefix, textOfPrompt } from './prompt/encode-prompt.js';
import { StepDistribution } from './sampling/step-distribution.js';
import { restoreTurn } from './saving/restore-turn.js';
import { loadGeneration, saveGeneration } from './saving/saved-generation.js';
import { type Begin, beginTurn } from './turn/begin-turn.js';
import { forkTurn } from './turn/fork-turn.js';
import { type ResolvedGenerateOptions, resolveGenerateOptions } from './turn/generate-options.js';
import { guard } from './turn/guard.js';
import { encodedPromptSchema } from './turn/hook-results.js';
import { Meter } from './turn/meter.js';
import { runOnion } from './turn/onion.js';
import { rollBack } from './turn/roll-back.js';
import { type ActiveTurn, layersOf, type RunForward, type Stack, type Turn } from './turn/turn.js';
import { endTurn, logWeightOf, resultOf } from './turn/turn-result.js';

const saveArguments = z.strictObject({ path: pathSchema });
const forkArguments = z.strictObject({ options: z.strictObject({ seed: z.int() }) });
const appendArguments = z.strictObject({
  messages: z
    .array(z.unknown(), 'must be a list of messages')
    .min(1, 'is an empty list of messages'),
});
const rollbackArguments = z.strictObject({ count: z.number('must be a number of tokens') });

const runDirectly: RunForward = (sequence, input) => sequence.forward(input);
const notRead = 'the generation was aborted before its prompt was read';

/**
 * Invariant between steps: the last accepted token is not in the cache yet; with none accepted, the
 * first is chosen from the prompt's logits. Rollback, fork and append start from there.
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
  readonly #report = (warning: Warning): void => {
    this.#parts.push({ type: 'warning', warning });
  };

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
    const checked = checkPrompt(prompt, stack.tokenizer.vocabularySize);
    const original =
      'ids' in checked
        ? encodeChecked(checked, stack.tokenizer)
        : await encodeLong(
            textOfPrompt(checked, stack.tokenizer),
            stack.tokenizer,
            readingOfFirst(stack, options),
          );
    const generation = new PipelineGeneration<Value>(stack, onPart);
    const messages = 'messages' in checked ? checked.messages : undefined;
    return generation.#beginFirst(original, messages, options, { meter });
  }

  /** Reads a beginning that is not answered. */
  static async read<Value>(
    stack: Stack,
    given: readonly MessageInput[],
    options: ResolvedGenerateOptions,
  ): Promise<PipelineGeneration<Value>> {
    const meter = new Meter();
    const messages = checkMessages(given);
    const text = textOfPrefix(messages, stack.tokenizer);
    const original = await encodeLong(text, stack.tokenizer, readingOfFirst(stack, options));
    const generation = new PipelineGeneration<Value>(stack, () => {});
    return generation.#beginFirst(original, messages, options, { meter, isPrefix: true });
  }

  /** A generation as `save` left it, with new random streams. */
  static async load<Value>(
    stack: Stack,
    path: string,
    options: GenerateOptions,
  ): Promise<PipelineGeneration<Value>> {
    const { decoder, needs } = stack;
    // Refused before the file is read.
    resolveGenerateOptions(options);
    const loaded = await loadGeneration(path, decoder);
    const generation = new PipelineGeneration<Value>(stack, () => {});
    generation.#messages = loaded.saved.messages;
    const turn = restoreTurn(stack, loaded, options, generation.#report);
    generation.#turn = turn;
    const { answer, live } = turn;
    await generation.#exclusively(async () => {
      answer.bounds = boundsOf(turn);
      const { maxRows } = rowsToOpen(answer.kept.ids.length, 0, generation.#sizes, answer.bounds);
      const sequence = await decoder.open({ needs, maxRows });
      generation.#follow(sequence);
      sequence.restore!(loaded.cache);
      live.meter.prefillDone();
      const { tokens } = answer;
      for (const { name, hooks } of tokens.length > 0 ? live.installed : [])
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
    return this.#turn.answer.finishReason !== undefined;
  }
  get tokens(): readonly number[] {
    return this.#turn.answer.tokens;
  }
  get text(): string {
    return this.#turn.answer.text.text;
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
    const { tokens } = turn.answer;
    const before = tokens.length;
    const wasDone = this.done;
    if (turn.given.isPrefix)
      throw new StateError(
        'a beginning that was read has nothing to answer yet; fork() it and append() a question',
      );
    const started = performance.now();
    if (!wasDone || this.#closed)
      await this.#exclusively(() => decodeStep(this.#active(), runForward));
    turn.live.meter.addStep(performance.now() - started, tokens.length - before);
    return {
      tokens: tokens.slice(before),
      logWeight: wasDone ? 0 : logWeightOf(turn, before),
      finishReason: turn.answer.finishReason,
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
    const forking = this.#sequence!.fork();
    try {
      copy.#turn = forkTurn(turn, seed, copy.#report);
    } catch (error) {
      (await forking).close();
      throw error;
    }
    copy.#follow(await forking);
    copy.#turn.live.meter.prefillDone();
    return copy;
  }

  async append(given: readonly MessageInput[], options?: GenerateOptions): Promise<void> {
    parseArguments('append', appendArguments, { messages: given });
    this.#requireOpen();
    const sequence = this.#sequence;
    // A later turn that was aborted while it was read is read to its end with the next.
    if (!sequence || (!this.#isRead && this.#turn.given.number === 0))
      throw new StateError(notRead);
    const resolved = options === undefined ? this.#nextOptions() : resolveGenerateOptions(options);
    if (!this.#messages)
      throw new PromptError(
        'append() goes on with a chat, and this prompt was not given as messages; start with { messages }',
      );
    const before = this.#turn;
    const { number, isPrefix, earlier } = before.given;
    const messages = checkMessages(given);
    const answer = isPrefix ? [] : [{ role: 'assistant', content: this.text }];
    const history = [...this.#messages, ...answer];
    this.#completePrompt();
    this.#busy = true;
    let later: LaterPrompt;
    try {
      later = await encodeLaterTurn(this.#active(), history, messages, resolved.signal);
    } finally {
      this.#busy = false;
    }
    this.#requireOpen();
    const { prompt, position, rotaryPosition, answered } = later;
    const chat = [...before.answer.kept.ids, ...before.answer.tokens.slice(0, answered)];
    const { length } = this.#parts;
    let turn: Turn;
    try {
      const begin = {
        number: number + 1,
        position,
        before,
        earlier: new Set([...earlier, ...chat]),
      };
      turn = beginTurn(this.#stack, prompt, resolved, begin, this.#report);
      turn.answer.bounds = boundsOf(turn);
      requireRoom(rotaryPosition, turn);
      // Then perhaps only a part of it was encoded, and none of it will be read.
      if (resolved.signal?.aborted) turn.answer.whole = later.whole;
    } catch (error) {
      // Nothing has changed but what the refused turn said.
      this.#parts.length = length;
      throw error;
    }
    await this.#exclusively(
      async () => {
        await endTurn(before, turn);
        if (sequence.cache.nextPosition > position) truncateCache(sequence, position);
        this.#messages = [...history, ...messages];
        this.#turn = turn;
        this.#follow(sequence);
        await readPrompt(this.#active(), position);
        // An abort ends the new turn, not the end of the one before.
      },
      () => this.#turn === turn && turn.given.signal.aborted,
    );
  }

  rollback(count: number): void {
    parseArguments('rollback', rollbackArguments, { count });
    this.#requireRead();
    const { tokens, promptEnd } = this.#turn.answer;
    const left = tokens.length - count;
    if (!Number.isInteger(count) || count < 0 || left < 0)
      throw new StateError(`cannot take ${count} of ${tokens.length} tokens back`);
    if (count === 0) return;
    requireCapability(this.#stack.decoder, 'kv.edit', 'rollback()');
    const position = promptEnd + Math.max(0, left - 1);
    // First: it may refuse.
    if (this.#sequence!.cache.nextPosition > position) truncateCache(this.#sequence!, position);
    rollBack(this.#turn, count);
  }

  result(): Result<Value> {
    return resultOf(this.#turn);
  }

  parts(): StreamPart<Value>[] {
    const delta = this.#turn.answer.text.release(this.done);
    if (delta) this.#parts.push({ type: 'text-delta', delta });
    const parts = this.#parts as StreamPart<Value>[];
    this.#parts = [];
    return parts;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await endTurn(this.#turn);
    } finally {
      this.#sequence?.close();
      this.#sequence = undefined;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #active(): ActiveTurn {
    return {
      turn: this.#turn,
      sequence: this.#sequence!,
      distribution: this.#distribution,
      onPart: this.#onPart,
    };
  }

  /**
   * Encodes what an abort left of a prompt, of which nothing was read: the next turn reads it too.
   */
  #completePrompt(): void {
    const { given, answer } = this.#turn;
    if (!answer.whole) return;
    answer.kept = answer.whole();
    answer.promptEnd = given.position + answer.kept.ids.length;
    answer.whole = undefined;
  }

  /** The options of this turn, without a signal that ended it. */
  #nextOptions(): ResolvedGenerateOptions {
    const { options } = this.#turn.given;
    return options.signal?.aborted ? { ...options, signal: undefined } : options;
  }

  async #beginFirst(
    original: EncodedPrompt,
    messages: readonly Message[] | undefined,
    options: ResolvedGenerateOptions,
    begin: Begin,
  ): Promise<this> {
    this.#messages = messages;
    this.#turn = beginTurn(this.#stack, original, options, begin, this.#report);
    await this.#exclusively(() => this.#readFirstPrompt());
    return this;
  }

  async #readFirstPrompt(): Promise<void> {
    const { decoder, needs } = this.#stack;
    const turn = this.#turn;
    const { given, answer } = turn;
    answer.kept = await runOnion<EncodedPrompt, EncodedPrompt>(
      layersOf(turn, (hooks) => hooks.prompt?.bind(hooks)),
      async (prompt) => prompt,
      given.original,
      { name: 'prompt', step: 0, takes: encodedPromptSchema, returns: encodedPromptSchema },
    );
    answer.bounds = boundsOf(turn);
    requireRoom(0, turn);
    given.signal.throwIfAborted();
    const { maxNewTokens } = given.options;
    const rows = rowsToOpen(answer.kept.ids.length, maxNewTokens, this.#sizes, answer.bounds);
    this.#follow(await decoder.open({ needs, ...rows }));
    await readPrompt(this.#active(), 0);
  }

  #follow(sequence: Sequence): void {
    this.#sequence = sequence;
    this.#turn.live.sequence = sequence;
    this.#turn.live.meter.follow(sequence);
  }

  /** One call at a time; an abort ends the turn, any other error ends the generation. */
  async #exclusively(
    call: () => Promise<void>,
    isAborted = () => this.#turn.given.signal.aborted,
  ): Promise<void> {
    this.#requireOpen();
    this.#busy = true;
    try {
      await call();
    } catch (error) {
      if (isAborted()) {
        this.#turn.answer.finishReason = 'aborted';
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

  get #sizes() {
    const { chunkSize, decoder } = this.#stack;
    return { chunkSize, maxPositions: decoder.shape.maxPositions };
  }

  get #isRead(): boolean {
    return this.#sequence !== undefined && this.#turn.answer.promptLogits.length > 0;
  }

  #requireRead(): void {
    this.#requireOpen();
    if (!this.#isRead) throw new StateError(notRead);
  }
}
