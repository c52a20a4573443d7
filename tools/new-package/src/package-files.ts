import type { Names } from './names.js';
import { conformanceTest, middlewareSource } from './template-sources.js';

/** What a new package holds: texts by path in its folder. @param coreVersion of @pliant/core */
export function packageFiles(names: Names, coreVersion: string): Record<string, string> {
  const { kebab, camel, pascal } = names;
  return {
    'package.json': json({
      name: `@pliant/${kebab}`,
      version: '0.0.0',
      type: 'module',
      license: 'Apache-2.0',
      sideEffects: false,
      engines: { node: '>=20.11' },
      publishConfig: { access: 'public' },
      files: ['dist', 'src', 'CHANGELOG.md', 'NOTICE', '!**/*.test.*', '!**/*.tsbuildinfo'],
      exports: {
        './package.json': './package.json',
        '.': {
          '@pliant/source': './src/index.ts',
          types: './dist/index.d.ts',
          default: './dist/index.js',
        },
      },
      scripts: {
        build: 'tsc --build tsconfig.lib.json',
        typecheck: 'tsc --build tsconfig.spec.json',
        test: 'vitest run',
      },
      dependencies: { '@pliant/core': `^${coreVersion}` },
      peerDependencies: { zod: '^3.25.0 || ^4.0.0' },
      nx: { includedScripts: [] },
    }),
    'tsconfig.json': json({
      extends: '../../tsconfig.base.json',
      files: [],
      include: [],
      references: [{ path: './tsconfig.lib.json' }, { path: './tsconfig.spec.json' }],
    }),
    'tsconfig.lib.json': json({
      extends: '../../tsconfig.lib.base.json',
      references: [{ path: '../core/tsconfig.lib.json' }],
    }),
    'tsconfig.spec.json': json({
      extends: '../../tsconfig.spec.base.json',
      references: [{ path: './tsconfig.lib.json' }],
    }),
    'vitest.config.ts': `import { vitestConfig } from '../../vitest.base.mjs';

export default vitestConfig({ isolate: false });
`,
    NOTICE: `Pliant, @pliant/${kebab}
Copyright ${new Date().getFullYear()} The Pliant authors

Licensed under the Apache License, Version 2.0.
`,
    'CHANGELOG.md': `# @pliant/${kebab}\n`,
    'README.md': readme(names),
    'src/index.ts': `export { ${camel}, ${camel}Options, type ${pascal}Options } from './${kebab}.js';\n`,
    [`src/${kebab}.ts`]: middlewareSource(names),
    [`src/${kebab}.test.ts`]: conformanceTest(names),
  };
}

export function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readme({ kebab, camel, what }: Names): string {
  return `# @pliant/${kebab}

${what}

    npm i @pliant/core @pliant/${kebab} zod

\`\`\`ts
import { pipeline } from '@pliant/core';
import { mockDecoder, mockTokenizer } from '@pliant/core/testing';
import { ${camel} } from '@pliant/${kebab}';

const stack = pipeline(mockDecoder(), { tokenizer: mockTokenizer() }).use(${camel}());
const { text, metrics } = await stack.generate({ text: 'Once upon a time' }, { maxNewTokens: 20 });
console.log(text, metrics.middlewares['${kebab}']);
\`\`\`

## Options
\`${camel}({ penalty })\`; \`${camel}Options\` is their schema.

| option | what | range | default |
|---|---|---|---|
| \`penalty\` | subtracted from the logits of tokens that the answer already has | 0 or more | 1 |

Metric, under \`${kebab}\`: \`tokensPenalised\`.
`;
}
