import { z } from 'zod/v4';
import {
  decoderSchema,
  objectWith,
  pathSchema,
  tokenizerSchema,
} from './checks/argument-schemas.js';
import { parseArguments, parseOptions } from './checks/parse-options.js';
import { requireCapability } from './checks/require-capability.js';
import { show } from './checks/show.js';
import type { Capability } from './contract/capability.js';
import type { Decoder } from './contract/decoder.js';
import { StackError } from './contract/errors.js';
import type { GenerateOptions, Generation, Step } from './contract/generation.js';
import type { AnyMiddleware, Middleware } from './contract/middleware.js';
import type { Result, StreamPart, Warning } from './contract/result.js';
import type { ChatPrompt, Prompt, Tokenizer } from './contract/tokenizer.js';
import { ForwardBatch } from './phases/forward-batch.js';
import { PipelineGeneration } from './pipeline-generation.js';
import { streamGeneration } from './stream.js';
import { resolveGenerateOptions } from './turn/generate-options.js';
import type { Stack } from './turn/turn.js';

export interface PipelineOptions {
  readonly tokenizer: Tokenizer;
  /**
   * Tokens read in one forward of the prefill; an abort is seen between them. 1 or more, default
   * 512.
   */
  readonly chunkSize?: number;
}

/** A middleware as `.use()` takes it, or a type that says what the decoder lacks. */
type Checked<M, Name extends string, Have extends Capability, Needs extends Capability> = [
  Exclude<Needs, Have>,
] extends [never]
  ? M
  : {
      'decoder lacks a capability': `'${Exclude<Needs, Have>}' is required by middleware '${Name}'`;
    };

/** The type of a middleware's value; nothing if the middleware does not declare one. */
type Known<Value> = unknown extends Value ? never : Value;

/**
 * A decoder with middlewares. Immutable: `.use()` returns a new pipeline. `Value`: that of its
 * results.
 */
export interface Pipeline<Have extends Capability, Ctx, Value = unknown> {
  /**
   * Adds a middleware inside the ones already there. A capability that the decoder's type lacks is
   * a compile error.
   * @throws MissingCapabilityError, StackError (name used twice, conflict), or what the
   * middleware's own check throws
   */
  use<Name extends string, Needs extends Capability, Out, Own>(
    middleware: Checked<Middleware<Name, Needs, Ctx, Out, Own>, Name, Have, Needs> &
      Middleware<Name, Needs, Ctx, Out, Own>,
  ): Pipeline<Have, Omit<Ctx, keyof Out> & Out, Value | Known<Own>>;
  /**
   * @throws InvalidOptionsError and PromptError before any work; MiddlewareError; the decoder's
   * errors
   */
  generate(prompt: Prompt, options?: GenerateOptions): Promise<Result<Value>>;
  /**
   * Parts as they come; the last one is `finish`. Leaving the loop aborts and frees the sequence.
   * Errors as `generate`.
   */
  stream(
    prompt: Prompt,
    options?: GenerateOptions,
  ): AsyncGenerator<StreamPart<Value>, void, undefined>;
  /**
   * Reads the prompt and returns the generation, to be stepped and closed by the caller. Errors as
   * `generate`.
   */
  start(prompt: Prompt, options?: GenerateOptions): Promise<Generation<Value>>;
  /**
   * Reads the beginning of a chat (a system prompt, a document) that is not to be answered yet,
   * once for many questions: `fork` the generation and `append` to each copy. Its last message is
   * left open, so nothing can be stepped before. Errors as `start`.
   * @param options those of later turns
   */
  read(prompt: ChatPrompt, options?: GenerateOptions): Promise<Generation<Value>>;
  /**
   * Goes on from what `Generation.save` wrote: the cache is not read again. Random streams restart,
   * and middlewares forget everything but the tokens of the answer so far, which they get by
   * `commit`. Needs `kv.write`.
   * @param options in the place of those saved; a signal and a seed are not saved
   * @throws SavedGenerationError for a file that is missing, damaged, of another version, or of
   * another model
   */
  load(path: string, options?: GenerateOptions): Promise<Generation<Value>>;
  /** Builds early what the first `start` would build. */
  prepare(): Promise<void>;
}

const schema = z.strictObject({
  tokenizer: tokenizerSchema,
  chunkSize: z.int().min(1).default(512),
});
const isListOfNames = (value: unknown) =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');
const decoderArguments = z.strictObject({ decoder: decoderSchema });
const middlewareArguments = z.strictObject({
  middleware: objectWith<AnyMiddleware>(
    ['create'],
    'must be a middleware, with a name, a list of what it requires, and create: kvDrop({ ... }) for example',
    ({ name, requires, optional = [], conflicts = [], check }) =>
      typeof name === 'string' &&
      [requires, optional, conflicts].every(isListOfNames) &&
      (check === undefined || typeof check === 'function'),
  ),
});
const readArguments = z.strictObject({
  prompt: z.strictObject({ messages: z.array(z.unknown()) }),
});
const loadArguments = z.strictObject({ path: pathSchema });
const stepAllArguments = z.strictObject({
  generations: z.array(
    z.custom<PipelineGeneration>(
      (value) => value instanceof PipelineGeneration,
      'must be a generation from pipeline.start',
    ),
  ),
});

/**
 * A pipeline over a decoder.
 * @throws InvalidArgumentError, InvalidOptionsError, StackError when the tokenizer's vocabulary is
 * not the decoder's
 */
export function pipeline<Have extends Capability>(
  decoder: Decoder<Have>,
  options: PipelineOptions,
  // biome-ignore lint/complexity/noBannedTypes: nothing is provided yet
): Pipeline<Have, {}, undefined> {
  parseArguments('pipeline', decoderArguments, { decoder });
  const { tokenizer, chunkSize } = parseOptions('pipeline', schema, options);
  const { vocabularyFingerprint: fingerprint, id } = decoder;
  if (fingerprint !== undefined && fingerprint !== tokenizer.fingerprint)
    throw new StackError(
      'pipeline',
      `the tokenizer's vocabulary is not that of decoder '${id}'; open the tokenizer from the model's folder`,
    );
  return new MiddlewarePipeline({
    decoder: decoder as unknown as Decoder,
    tokenizer,
    middlewares: [],
    needs: [],
    warnings: (tokenizer.warnings ?? []).map(aboutTokenizer),
    chunkSize,
  });
}

const aboutTokenizer = (details: string): Warning => ({
  type: 'other',
  feature: 'tokenizer',
  middleware: 'pipeline',
  details,
});

class MiddlewarePipeline<Have extends Capability, Ctx, Value>
  implements Pipeline<Have, Ctx, Value>
{
  readonly #stack: Stack;
  constructor(stack: Stack) {
    this.#stack = stack;
  }

  use<Name extends string, Needs extends Capability, Out, Own>(
    middleware: Middleware<Name, Needs, Ctx, Out, Own>,
  ): Pipeline<Have, Omit<Ctx, keyof Out> & Out, Value | Known<Own>> {
    parseArguments('use', middlewareArguments, { middleware });
    const { decoder, tokenizer, middlewares, needs, warnings } = this.#stack;
    const { name, requires, optional = [], check } = middleware;
    refuseTwins(middleware as unknown as AnyMiddleware, middlewares);
    for (const capability of requires) requireCapability(decoder, capability, name);
    check?.(decoder, tokenizer);
    const absent = optional.filter((capability) => !decoder.capabilities.has(capability));
    return new MiddlewarePipeline({
      ...this.#stack,
      middlewares: [...middlewares, middleware as unknown as AnyMiddleware],
      needs: [...new Set([...needs, ...requires, ...optional.filter((c) => !absent.includes(c))])],
      warnings: [
        ...warnings,
        ...absent.map(
          (capability): Warning => ({
            type: 'degraded',
            feature: capability,
            middleware: name,
            details: decoder.missing?.[capability],
          }),
        ),
      ],
    });
  }

  async generate(prompt: Prompt, options: GenerateOptions = {}): Promise<Result<Value>> {
    const generation = await this.start(prompt, options);
    try {
      while (!generation.done) await generation.step();
    } finally {
      await generation.close();
    }
    return generation.result();
  }

  stream(prompt: Prompt, options: GenerateOptions = {}) {
    const resolved = resolveGenerateOptions(options);
    return streamGeneration(
      (signal, onPart) =>
        PipelineGeneration.start<Value>(this.#stack, prompt, { ...resolved, signal }, onPart),
      resolved.signal,
    );
  }

  async start(prompt: Prompt, options: GenerateOptions = {}): Promise<Generation<Value>> {
    return PipelineGeneration.start<Value>(this.#stack, prompt, resolveGenerateOptions(options));
  }

  async read(prompt: ChatPrompt, options: GenerateOptions = {}): Promise<Generation<Value>> {
    parseArguments('read', readArguments, { prompt });
    const { messages } = prompt;
    return PipelineGeneration.read<Value>(this.#stack, messages, resolveGenerateOptions(options));
  }

  async load(path: string, options: GenerateOptions = {}): Promise<Generation<Value>> {
    parseArguments('load', loadArguments, { path });
    return PipelineGeneration.load<Value>(this.#stack, path, options);
  }

  async prepare(): Promise<void> {
    await this.#stack.decoder.prepare?.(this.#stack.needs);
  }
}

function refuseTwins(middleware: AnyMiddleware, installed: readonly AnyMiddleware[]): void {
  const { name } = middleware;
  if (middleware.specificationVersion !== 'v1')
    throw new StackError(
      name,
      `has specification version ${show(middleware.specificationVersion)}; this pipeline takes 'v1'`,
    );
  for (const other of installed) {
    if (other.name === name) throw new StackError(name, 'is already in the pipeline');
    if (other.conflicts?.includes(name) || middleware.conflicts?.includes(other.name))
      throw new StackError(name, `cannot be in the same pipeline as '${other.name}'`);
  }
}

/**
 * One step of each generation that is not done. Decode forwards of one token with equal layers
 * become one forward where the decoder has `batch`.
 * @returns the steps, in the order given
 * @throws InvalidArgumentError; the first error, after every step has settled
 */
export async function stepAll(generations: readonly Generation[]): Promise<Step[]> {
  const { generations: members } = parseArguments('stepAll', stepAllArguments, { generations });
  const batches = new Map<Decoder, ForwardBatch>();
  for (const { decoder } of members)
    if (!batches.has(decoder))
      batches.set(
        decoder,
        new ForwardBatch(decoder, members.filter((m) => m.decoder === decoder).length),
      );
  const steps = await Promise.allSettled(
    members.map((member) => {
      const batch = batches.get(member.decoder)!;
      return member
        .stepThrough((sequence, input) => batch.forward(sequence, input))
        .finally(() => batch.leave());
    }),
  );
  return steps.map((step) => {
    if (step.status === 'rejected') throw step.reason;
    return step.value;
  });
}
