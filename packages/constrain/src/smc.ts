import {
  type Capability,
  type GenerateOptions,
  type Middleware,
  objectWith,
  type Pipeline,
  type Prompt,
  parseArguments,
  parseOptions,
  randomStream,
} from '@pliant/core';
import { z } from 'zod/v4';
import type { Critic } from './smc/critic.js';
import { Generations } from './smc/particles.js';
import { type Resampling, resamplingMethods } from './smc/resample.js';
import { runParticles } from './smc/run-particles.js';
import type { SmcResult } from './smc/smc-result.js';

export interface SmcOptions {
  /**
   * How many texts are written side by side: 1 to 1,024, default 8. Each holds a cache of its own.
   */
  readonly particles?: number;
  /**
   * Particles are resampled when their effective sample size falls below this share of their
   * number: 0 (never: importance sampling) to 1 (whenever weights differ). Default 0.5.
   */
  readonly essThreshold?: number;
  /** Default `'stratified'`. */
  readonly resampling?: Resampling;
  /** Judges texts beside the constraint. Default none. */
  readonly critic?: Critic;
}

/**
 * The options of `generate` without `stop`, since a text that is cut is not finished. Temperature
 * must be above 0; default 1.
 */
export type SmcGenerateOptions = Omit<GenerateOptions, 'stop'>;

/**
 * Sequential Monte Carlo over a pipeline. Immutable; runs may go on side by side. `Value`: that of
 * the pipeline's results.
 */
export interface Smc<Value = unknown> {
  /**
   * Reads the prompt once and writes `particles` texts.
   * @throws InvalidOptionsError, PromptError before any work; what the critic throws; errors as
   * `Pipeline.generate`
   */
  generate(prompt: Prompt, options?: SmcGenerateOptions): Promise<SmcResult<Value>>;
}

/** Nothing, or a type that says that the decoder cannot fork. */
type CanFork<Have extends Capability> = 'fork' extends Have
  ? unknown
  : { 'decoder lacks a capability': "'fork' is required by 'smc'" };

const pipelineArguments = z.strictObject({
  pipeline: objectWith<Pipeline<Capability, unknown>>(
    ['use', 'start'],
    'must be a pipeline of @pliant/core',
  ),
});

const optionsSchema = z.strictObject({
  particles: z.int().min(1).max(1024).default(8),
  essThreshold: z.number().min(0).max(1).default(0.5),
  resampling: z.enum(resamplingMethods).default('stratified'),
  critic: z
    .custom<Critic>(
      (value) => typeof (value as Critic | null)?.complete === 'function',
      'is an object with a function complete({ text, tokens })',
    )
    .optional(),
});

/** Checks what differs from the options of `generate`, which checks the rest. */
const generateSchema = z.looseObject({
  temperature: z
    .number()
    .gt(
      0,
      'must be above 0: particles are drawn. Use pipeline.generate for the most probable tokens',
    )
    .default(1),
  seed: z.int().default(0),
  stop: z
    .undefined(
      'would cut texts that are not finished; let the constraint say where they end, for example by a regex',
    )
    .optional(),
});

/** Checks what the decoder can do; without hooks. */
const forking: Middleware<'smc', 'fork'> = {
  specificationVersion: 'v1',
  name: 'smc',
  requires: ['fork'],
  optional: ['batch'],
  create: () => ({}),
};

/**
 * Sequential Monte Carlo (Lew et al. 2023, arXiv:2306.03081; Loula et al. 2025, arXiv:2504.13139):
 * several texts are written side by side, and those that the constraint turns out to fit badly give
 * way to copies of the others. Where `constrain` alone chooses each token well and may end in a
 * corner, the particles together are distributed as the model's texts given that the constraint
 * holds:
 *
 *     p(text) ∝ model(text) · [constraint allows it] · exp(critic.complete(text)), up to
 * `maxNewTokens` tokens
 *
 * the better, the more there are; and `exp(logMarginal)` is an unbiased estimate of the total.
 * Particles share the prompt, which is read once, and step as one batch where the decoder has
 * `batch` (else with a warning). A dead end has weight 0, and so has a text that is cut by
 * `maxNewTokens`. A particle that has ended stays in, costs nothing more, and may be copied or
 * dropped like the others. At the last step, when all have ended, nothing is resampled (ours: it
 * could only lose texts).
 *
 * ```ts
 * import { constrain, regex, smc } from '@pliant/constrain';
 * import { pipeline } from '@pliant/core';
 * import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
 *
 * const stack = pipeline(mockDecoder(), { tokenizer: mockTokenizer() }).use(
 *   constrain(regex(/(red|blue|green) (car|boat)/)),
 * );
 * const { posterior, logMarginal } = await smc(stack, { particles: 8 }).generate({ text: 'My ' });
 * for (const { text, probability } of posterior) console.log(text, probability);
 * ```
 * @param pipeline with `constrain`, or without where only the critic judges
 * @throws InvalidArgumentError, InvalidOptionsError, MissingCapabilityError where the decoder
 * cannot `fork`
 */
export function smc<Have extends Capability, Ctx, Value>(
  pipeline: Pipeline<Have, Ctx, Value> & CanFork<Have>,
  options: SmcOptions = {},
): Smc<Value> {
  parseArguments('smc', pipelineArguments, { pipeline });
  const settings = parseOptions('smc', optionsSchema, options);
  const stack = (pipeline as unknown as Pipeline<Capability, Ctx, Value>).use(forking);
  return {
    async generate(prompt, options = {}) {
      const parsed = parseOptions('smc, generate', generateSchema, options);
      const seeds = randomStream(parsed.seed, 'smc, seeds');
      const generations = new Generations<Value>(() => Math.floor(seeds() * 2 ** 32));
      try {
        const first = generations.add(await stack.start(prompt, parsed));
        return await runParticles(first, generations, settings, parsed.seed);
      } finally {
        await generations.closeAll();
      }
    },
  };
}
