import { describe, expect, it } from 'vitest';
import { installAdvice } from './install-advice.js';

const fence = '```';

describe('installAdvice', () => {
  it('takes what is installed beside our packages, and the overrides', () => {
    const readme = `
${fence}bash
npm i @pliant/core @pliant/transformers @xenova/transformers@2 zod # either major
ONNXRUNTIME_NODE_INSTALL=skip npm install --save-exact zod
node main.js install me
${fence}

| v2 | add \`"overrides": { "sharp": "0.35.5" }\` |

${fence}json
{
  "overrides": {
    "protobufjs": "7.6.6"
  }
}
${fence}
`;
    expect(installAdvice(readme)).toEqual({
      packages: ['@xenova/transformers@2', 'zod'],
      overrides: { sharp: '0.35.5', protobufjs: '7.6.6' },
    });
  });

  it('finds none in a README that gives none', () => {
    expect(installAdvice('# Title\n\nnpm install everything\n')).toEqual({
      packages: [],
      overrides: {},
    });
  });
});
