import { marked } from 'marked';

/** What every package's README has, beside its name as the title. */
export const readmeSections = ['Install', 'Example', 'Limits'] as const;

/** What a package's README lacks, in words; empty when it is complete. */
export function missingFromReadme(packageName: string, markdown: string): string[] {
  const headings = marked
    .lexer(markdown)
    .flatMap((token) =>
      token.type === 'heading' ? [token as { depth: number; text: string }] : [],
    );
  const title = headings.find((heading) => heading.depth === 1)?.text;
  const sections = headings.filter((heading) => heading.depth === 2).map((heading) => heading.text);
  return [
    ...(title === packageName ? [] : [`the title '# ${packageName}'`]),
    ...readmeSections
      .filter((section) => !sections.includes(section))
      .map((section) => `the section '## ${section}'`),
  ];
}
