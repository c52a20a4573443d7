import type { Capability } from '../../contract/capability.js';
import type { GenerateOptions } from '../../contract/generation.js';
import type { AnyMiddleware, Hooks, Middleware } from '../../contract/middleware.js';
import type { Result } from '../../contract/result.js';
import type { Prompt } from '../../contract/tokenizer.js';
import { type Pipeline, pipeline } from '../../pipeline.js';
import { type MockDecoder, mockDecoder } from '../mock/mock-decoder.js';
import type { MockDecoderOptions } from '../mock/mock-options.js';
import { mockTokenizer } from '../mock/model/mock-tokenizer.js';
import type { ConformanceSubject } from './conformance-subject.js';

export const tokenizer = mockTokenizer();

export const prompt: Prompt = {
  messages: [
    { role: 'system', content: 'Answer in one line.', keep: 'always' },
    {
      role: 'user',
      content:
        'It was the best of times, it was the worst of times; the key under the stone is 39926 😀. Where is it?',
    },
  ],
};
export const otherPrompt: Prompt = {
  text: 'Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do: once or twice',
};

export const greedy: GenerateOptions = { maxNewTokens: 14 };
export const sampled: GenerateOptions = {
  maxNewTokens: 14,
  temperature: 0.9,
  topP: 0.95,
  seed: 7,
};

export type Setting = 'plain' | 'neutral' | 'active';

export interface StackOptions {
  readonly decoder?: MockDecoderOptions;
  readonly chunkSize?: number;
  /** Hooks of a middleware installed outermost, and what it needs. */
  readonly probe?: Hooks;
  readonly probeNeeds?: readonly Capability[];
}

export interface OpenStack {
  readonly decoder: MockDecoder;
  readonly pipeline: Pipeline<Capability, object>;
}

/** The result of a fresh pipeline, and the decoder it ran on. */
interface Reference {
  readonly result: Result;
  readonly decoder: MockDecoder;
}

/** The subjects in the order they are installed. */
export class ConformanceStack {
  private readonly references = new Map<string, Promise<Reference>>();

  constructor(readonly subjects: readonly ConformanceSubject[]) {}

  get label(): string {
    return this.subjects.map(({ name }) => name).join(' + ');
  }

  makeDecoder(options: MockDecoderOptions = {}): MockDecoder {
    const subject = this.subjects.find(({ decoder }) => decoder);
    return subject?.decoder ? subject.decoder(options) : mockDecoder(options);
  }

  middlewares(setting: Setting, decoder: MockDecoder): AnyMiddleware[] {
    if (setting === 'plain') return [];
    return this.subjects.map((subject) => subject[setting](decoder, tokenizer));
  }

  /**
   * Runs `body` on a fresh decoder and pipeline; then every sequence must be closed, and every
   * `create` have had its `end`.
   */
  async with<T>(
    setting: Setting,
    options: StackOptions,
    body: (stack: OpenStack) => Promise<T>,
  ): Promise<T> {
    const decoder = this.makeDecoder(options.decoder);
    const lives = { created: 0, ended: 0 };
    const probe = probeMiddleware(lives, options.probe ?? {}, options.probeNeeds ?? []);
    const stack = installAll(decoder, options.chunkSize, [
      probe,
      ...this.middlewares(setting, decoder),
    ]);
    const value = await body({ decoder, pipeline: stack });
    check(
      decoder.openSequences === 0,
      `${decoder.openSequences} sequences are still open; close in 'end' what run.open() did not open`,
    );
    check(
      lives.ended === lives.created,
      `'end' ran ${lives.ended} times for ${lives.created} generations`,
    );
    return value;
  }

  /** One `generate` on a fresh pipeline, for cases to compare with: run once for all of them. */
  reference(
    setting: Setting,
    options: GenerateOptions,
    given: Prompt = prompt,
  ): Promise<Reference> {
    const key = JSON.stringify([setting, options, given]);
    const known = this.references.get(key);
    if (known) return known;
    const made = this.with(setting, {}, async ({ decoder, pipeline }) => ({
      result: await pipeline.generate(given, options),
      decoder,
    }));
    this.references.set(key, made);
    return made;
  }

  /** The result of one `generate`. */
  generate(
    setting: Setting,
    options: GenerateOptions,
    stackOptions: StackOptions = {},
    given: Prompt = prompt,
  ): Promise<Result> {
    return this.with(setting, stackOptions, (stack) => stack.pipeline.generate(given, options));
  }
}

export function installAll(
  decoder: MockDecoder,
  chunkSize: number | undefined,
  middlewares: readonly AnyMiddleware[],
): Pipeline<Capability, object> {
  let stack: Pipeline<Capability, object> = pipeline(decoder, { tokenizer, chunkSize });
  // A middleware's use of `ctx` cannot be known here; its own test states it.
  for (const middleware of middlewares)
    stack = stack.use(middleware as unknown as Middleware<string, Capability, unknown, object>);
  return stack;
}

function probeMiddleware(
  lives: { created: number; ended: number },
  hooks: Hooks,
  requires: readonly Capability[],
): AnyMiddleware {
  const live = (): Hooks => {
    lives.created++;
    return {
      ...hooks,
      fork: live,
      end: () => {
        lives.ended++;
      },
    };
  };
  return { specificationVersion: 'v1', name: 'conformance-probe', requires, create: live };
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** The part of two runs that must be equal. */
export type Outcome = Pick<Result, 'tokens' | 'text' | 'finishReason' | 'logWeight'>;

/** @throws where `actual` differs; log-weights may differ by rounding */
export function checkSame(actual: Outcome, expected: Outcome, what: string): void {
  const length = Math.max(actual.tokens.length, expected.tokens.length);
  for (let i = 0; i < length; i++)
    check(
      actual.tokens[i] === expected.tokens[i],
      `${what}: token ${i} is ${actual.tokens[i] ?? 'missing'}, not ${expected.tokens[i] ?? 'the end'} (${JSON.stringify(actual.text)}, not ${JSON.stringify(expected.text)})`,
    );
  for (const key of ['text', 'finishReason'] as const)
    check(
      actual[key] === expected[key],
      `${what}: ${key} is ${JSON.stringify(actual[key])}, not ${JSON.stringify(expected[key])}`,
    );
  const difference = Math.abs(actual.logWeight - expected.logWeight);
  check(
    actual.logWeight === expected.logWeight || difference < 1e-9,
    `${what}: logWeight is ${actual.logWeight}, not ${expected.logWeight}`,
  );
}
