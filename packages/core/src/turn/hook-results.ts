import { z } from 'zod/v4';
import { functionSchema } from '../checks/argument-schemas.js';
import { show } from '../checks/show.js';
import { MiddlewareError } from '../contract/errors.js';
import type { Hooks } from '../contract/middleware.js';

const hook = functionSchema('must be a function').optional();
const offsets = z.instanceof(Int32Array);
const ids = z
  .array(z.custom<number>((value) => typeof value === 'number', 'must be a token id'))
  .readonly();

export const hooksSchema = z.looseObject({
  prompt: hook,
  prefill: hook,
  forward: hook,
  editCache: hook,
  propose: hook,
  adjust: hook,
  choose: hook,
  commit: hook,
  rollback: hook,
  bounds: hook,
  proposalRoom: hook,
  rereadAnswer: hook,
  nextTurn: hook,
  fork: hook,
  value: hook,
  end: hook,
} satisfies Record<keyof Hooks, z.ZodType>);

/** The argument and the return value of `prompt`. */
export const encodedPromptSchema = z.looseObject({
  ids: offsets,
  text: z.string(),
  byteStart: offsets,
  byteEnd: offsets,
  spans: z.array(z.looseObject({ from: z.number(), to: z.number() })).readonly(),
});

/** The argument of `prefill` and `forward`. */
export const forwardInputSchema = z.looseObject({ ids: offsets });

/** The return value of `prefill` and `forward`. */
export const forwardOutputSchema = z.looseObject({ logits: z.instanceof(Float32Array) });

export const proposalSchema = z.union(
  [
    ids,
    z.looseObject({
      tokens: ids,
      distributions: z
        .array(z.looseObject({ logProbability: functionSchema('must be a function') }))
        .readonly(),
    }),
  ],
  'must be token ids, or { tokens, distributions }',
);

// The dead end has -Infinity.
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'must be a number');
export const choiceSchema = z.looseObject({ token: anyNumber, logWeight: anyNumber });

const rows = z.int().min(0).optional();
export const boundsSchema = z
  .strictObject({ prefill: rows, beyond: rows, decode: rows, renumbers: z.boolean().optional() })
  .optional();

/** The place of a hook's call, for errors. */
export interface HookCall {
  readonly middleware: string;
  readonly phase: string;
  readonly step: number;
}

/**
 * Checks what a hook returned and passes it on unchanged.
 * @param did 'returned' or 'passed on', for the error
 * @throws MiddlewareError if it is not what the phase takes
 */
export function checkResult<T>(
  schema: z.ZodType,
  value: T,
  { middleware, phase, step }: HookCall,
  did = 'returned',
): T {
  const { error } = schema.safeParse(value);
  if (!error) return value;
  const issues = error.issues.map(({ path, message }) =>
    path.length > 0 ? `'${path.map(String).join('.')}': ${message}` : message,
  );
  throw new MiddlewareError(middleware, phase, step, `${did} ${show(value)}; ${issues.join('; ')}`);
}
