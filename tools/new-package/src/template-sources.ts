import type { Names } from './names.js';

/**
 * A middleware that works and passes the matrix: a penalty for repeated tokens, to be replaced by
 * the method.
 */
export function middlewareSource({ kebab, camel, pascal, what }: Names): string {
  return `import { type Hooks, type Middleware, parseOptions, type Run } from '@pliant/core';
import { z } from 'zod/v4';

const name = '${kebab}';

/** Checks the options and fills in defaults. */
export const ${camel}Options = z.strictObject({ penalty: z.number().min(0).default(1) });

export interface ${pascal}Options {
  /**
   * Subtracted from the logits of tokens that the answer already has; 0 changes nothing. Default 1.
   */
  readonly penalty?: number;
}

/**
 * ${what} Metric: \`tokensPenalised\`.
 * @throws InvalidOptionsError
 */
export function ${camel}(options: ${pascal}Options = {}): Middleware<typeof name> {
  const parsed = parseOptions(name, ${camel}Options, options);
  return {
    specificationVersion: 'v1',
    name,
    requires: [],
    create: (run) => hooks(run, parsed, { answer: [] }),
  };
}

/** What a fork takes over. */
interface Memory {
  /** Tokens of this answer. */
  readonly answer: readonly number[];
}

function hooks(run: Run, options: z.output<typeof ${camel}Options>, memory: Memory): Hooks {
  const answer = [...memory.answer];
  return {
    adjust(logits) {
      const written = new Set(answer);
      for (const token of written) logits[token] -= options.penalty;
      run.emit('tokensPenalised', written.size);
    },
    commit: (tokens) => {
      answer.push(...tokens);
    },
    rollback: (count) => {
      answer.length -= count;
    },
    fork: (copy) => hooks(copy, options, { answer }),
  };
}
`;
}

/** Its test: the matrix, and what the penalty is for. */
export function conformanceTest({ kebab, camel }: Names): string {
  return `import { pipeline } from '@pliant/core';
import { conformanceCases, mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { expect, test } from 'vitest';
import { ${camel} } from './${kebab}.js';

const cases = conformanceCases({
  name: '${kebab}',
  neutral: () => ${camel}({ penalty: 0 }),
  active: () => ${camel}({ penalty: 2 }),
  refuses: [() => ${camel}({ penalty: -1 })],
  losslessWithProposals: true,
});
for (const { name, run } of cases) test(name, run);

test('a large penalty lets no token come twice', async () => {
  const stack = pipeline(mockDecoder(), { tokenizer: mockTokenizer() }).use(
    ${camel}({ penalty: 100 }),
  );
  const { tokens } = await stack.generate({ text: 'Once upon a time' }, { maxNewTokens: 40 });
  expect(tokens).toHaveLength(40);
  expect(new Set(tokens).size).toBe(tokens.length);
});
`;
}

/** How presets make it from plain JSON. */
export function presetSource({ kebab, camel, pascal }: Names): string {
  return `import { ${camel}, ${camel}Options, type ${pascal}Options } from '@pliant/${kebab}';
import { middlewareEntry } from '../entry.js';

export const ${camel}Entry = middlewareEntry({
  options: ${camel}Options,
  defaults: () => ({}),
  make: (options) => ${camel}(options as ${pascal}Options),
});
`;
}

/** Its exported functions for the test of wrong arguments. */
export function targetsSource({ kebab, camel }: Names): string {
  return `import * as ${camel} from '@pliant/${kebab}';
import { run } from './surroundings.js';
import type { PackageTargets } from './target.js';

export const ${camel}Targets: PackageTargets = {
  name: '${kebab}',
  exports: ${camel},
  leftOut: {},
  targets: [
    {
      name: '${camel}',
      args: () => [{ penalty: 2 }],
      call: (options) => run(${camel}.${camel}(options)),
    },
  ],
};
`;
}
