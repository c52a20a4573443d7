import { describe, expect, it } from 'vitest';
import { codeBlocks, examplesOf } from './examples.js';

const fence = '```';
const page = `# Page

${fence}ts
import { a } from 'a';
a();
${fence}

- in a list:

  ${fence}js
  import 'b';
  ${fence}

${fence}ts
fragment({ without: 'import' });
${fence}

${fence}bash
import nothing
${fence}

${fence}ts
// not run: needs a model of yours
import { c } from 'c';
${fence}
`;

describe('examplesOf', () => {
  it('takes whole programs in order, with their reason not to run', () => {
    expect(examplesOf(page)).toEqual([
      { number: 1, code: "import { a } from 'a';\na();" },
      { number: 2, code: "import 'b';" },
      {
        number: 3,
        code: "// not run: needs a model of yours\nimport { c } from 'c';",
        notRun: 'needs a model of yours',
      },
    ]);
  });

  it('finds nothing on a page without code', () => {
    expect(examplesOf('# Title\n\nimport this is prose\n')).toEqual([]);
  });
});

describe('codeBlocks', () => {
  it('keeps the language and takes fragments and other languages too', () => {
    expect(codeBlocks(page).map((block) => block.language)).toEqual([
      'ts',
      'js',
      'ts',
      'bash',
      'ts',
    ]);
  });
});
