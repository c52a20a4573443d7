import { describe, expect, it } from 'vitest';
import { missingFromReadme } from './readme-sections.js';

describe('missingFromReadme', () => {
  it('is content with the title and the sections, others between them', () => {
    const markdown = '# @pliant/x\n\n## Install\n\n## Example\n\n## Options\n\n## Limits\n';
    expect(missingFromReadme('@pliant/x', markdown)).toEqual([]);
  });

  it('names what is missing; a heading inside a code block does not count', () => {
    const markdown = '# Other\n\n## Install\n\n```md\n## Example\n```\n\n### Limits\n';
    expect(missingFromReadme('@pliant/x', markdown)).toEqual([
      "the title '# @pliant/x'",
      "the section '## Example'",
      "the section '## Limits'",
    ]);
  });
});
