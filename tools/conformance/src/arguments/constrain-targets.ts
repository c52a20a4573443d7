import * as co from '@pliant/constrain';
import { run, stack, tokenizer } from './surroundings.js';
import type { PackageTargets, Target } from './target.js';

const constraintOf = (
  name: string,
  args: () => unknown[],
  make: (...given: never[]) => unknown,
): Target => ({
  name,
  args,
  call: (...given) =>
    run(co.constrain(make(...(given as never[])) as co.Constraint<unknown, unknown>) as never),
});

const schema = () => ({
  type: 'object',
  properties: {
    a: { type: 'integer', minimum: 1, enum: [1, 2] },
    b: { type: 'string', maxLength: 3, pattern: 'a+' },
    c: { type: 'array', items: { type: 'null' }, minItems: 1 },
  },
  required: ['a'],
  additionalProperties: false,
});

export const constrainTargets: PackageTargets = {
  name: 'constrain',
  exports: co,
  leftOut: {
    awrs: 'called for each token by `constrain`, which has checked the settings',
    geometric: 'called for each token by `constrain`, which has checked the settings',
    masked: 'called for each token by `constrain`, which has checked the settings',
    tokenMask: 'called for each token',
    isInMask: 'called for each token',
  },
  targets: [
    {
      name: 'constrain',
      args: () => [
        co.regex(/[a-z]{1,9}/),
        {
          sampler: 'awrs',
          tail: 1,
          maskAfter: 4,
          maxRejects: 100,
          jumpForward: false,
          onLength: 'cut',
        },
      ],
      call: (...a: Parameters<typeof co.constrain>) => run(co.constrain(...a) as never),
    },
    {
      name: 'constrain geometric',
      args: () => [co.regex(/[a-z]{1,9}/), { sampler: 'geometric', maxAccepts: 2 }],
      call: (...a: Parameters<typeof co.constrain>) => run(co.constrain(...a) as never),
    },
    constraintOf('regex', () => [/[a-z]{1,9}/], co.regex),
    constraintOf('choice', () => [['a', 'b']], co.choice),
    constraintOf('extract', () => ['some text', { minLength: 1, maxLength: 5 }], co.extract),
    constraintOf('predicate', () => [() => true, { prefix: () => true }], co.predicate),
    constraintOf(
      'grammar',
      () => ['root ::= "a" | "b"', { syntax: 'gbnf', start: 'root' }],
      co.grammar,
    ),
    constraintOf('anyOf', () => [[co.regex(/a*/), co.choice(['a', 'aa'])]], co.anyOf),
    constraintOf('allOf', () => [[co.regex(/a*/), co.choice(['a', 'aa'])]], co.allOf),
    constraintOf('not', () => [co.choice(['a'])], co.not),
    constraintOf(
      'jsonSchema',
      () => [
        schema(),
        {
          whitespace: 'any',
          propertyOrder: 'any',
          spelling: 'any',
          format: 'assert',
          strict: false,
          maxDepth: 8,
        },
      ],
      co.jsonSchema,
    ),
    constraintOf(
      'makeConstraint',
      () => ['jsonSchema', { schema: schema(), whitespace: 'any', strict: false, maxDepth: 8 }],
      co.makeConstraint,
    ),
    {
      name: 'what a predicate returns',
      args: () => [true],
      call: (value) => run(co.constrain(co.predicate(() => value)) as never),
    },
    { name: 'accepts', args: () => [co.regex(/a/), 'a'], call: co.accepts },
    { name: 'isViablePrefix', args: () => [co.regex(/a/), 'a'], call: co.isViablePrefix },
    {
      name: 'smc',
      args: () => [
        stack().use(co.constrain(co.regex(/[a-z]{1,5}/))),
        { particles: 2, essThreshold: 0.5, resampling: 'stratified' },
      ],
      call: (...a: Parameters<typeof co.smc>) =>
        co.smc(...a).generate({ text: 'a' }, { maxNewTokens: 3 }),
    },
    {
      name: 'smc generate',
      args: () => [{ text: 'a' }, { maxNewTokens: 3, seed: 1, temperature: 1 }],
      call: (prompt, options) =>
        co
          .smc(stack().use(co.constrain(co.regex(/[a-z]{1,5}/))), { particles: 2 })
          .generate(prompt, options),
    },
    {
      name: 'what a critic returns',
      args: () => [0],
      call: (value) =>
        co
          .smc(stack(), { particles: 2, critic: { complete: () => value, prefix: () => value } })
          .generate({ text: 'a' }, { maxNewTokens: 2 }),
    },
    { name: 'tokenTrie', args: () => [tokenizer], call: co.tokenTrie },
  ],
};
