import { describe, expect, it } from 'vitest';
import { missingFromReadme } from './readme.js';

const example = "```ts\nimport '@pliant/x';\n```\n";

describe('missingFromReadme', () => {
  it('is content with the title, an install line and an example', () => {
    const markdown = `# @pliant/x\n\n    npm i @pliant/core @pliant/x\n\n${example}`;
    expect(missingFromReadme('@pliant/x', markdown)).toEqual([]);
  });

  it('names what is missing', () => {
    expect(missingFromReadme('@pliant/x', '## @pliant/x\n\nnpm i @pliant/x, as prose\n')).toEqual([
      "the title '# @pliant/x'",
      "a code block with 'npm i @pliant/x'",
      'a first example that runs',
    ]);
  });

  it('wants the first example to run', () => {
    const markdown = `# @pliant/x\n\n    npm i @pliant/x\n\n${example.replace('import', '// not run: why\nimport')}${example}`;
    expect(missingFromReadme('@pliant/x', markdown)).toEqual(['a first example that runs']);
  });
});
