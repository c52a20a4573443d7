import { marked, type Tokens } from 'marked';
import { codeBlocks, examplesOf } from './examples.js';

/**
 * Says what the README of a package lacks: its name as the title, how to install it, an example
 * that runs.
 */
export function missingFromReadme(packageName: string, markdown: string): string[] {
  const title = marked
    .lexer(markdown)
    .find((token): token is Tokens.Heading => token.type === 'heading');
  const installs = codeBlocks(markdown).some(({ code }) =>
    code.split('\n').some((line) => /npm (i|install) /.test(line) && line.includes(packageName)),
  );
  const [example] = examplesOf(markdown);
  return [
    ...(title?.depth === 1 && title.text === packageName ? [] : [`the title '# ${packageName}'`]),
    ...(installs ? [] : [`a code block with 'npm i ${packageName}'`]),
    ...(example && example.notRun === undefined ? [] : ['a first example that runs']),
  ];
}
