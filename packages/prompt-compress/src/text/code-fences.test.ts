import { describe, expect, it } from 'vitest';
import { codeFences } from './code-fences.js';

const found = (text: string) => codeFences(text).map(({ from, to }) => text.slice(from, to));

describe('codeFences', () => {
  it('finds blocks with their fences, with any line end', () => {
    const block = '```ts\nlet a;\n```';
    expect(found(`Look:\n${block}\nand\n~~~\n1\n~~~`)).toEqual([block, '~~~\n1\n~~~']);
    const windows = block.replaceAll('\n', '\r\n');
    expect(found(`Look 😀:\r\n${windows}\r\nand`)).toEqual([windows]);
  });

  it('ends at a fence of the same kind, as long, with nothing behind it', () => {
    const block = '````md\n```\n~~~\n````ts\n`````';
    expect(found(`${block}\nend`)).toEqual([block]);
  });

  it('goes to the end of the text where it is not closed, and may be indented', () => {
    expect(found('- item\n\n  ```\n  a\n')).toEqual(['  ```\n  a\n']);
  });

  it('finds none in text without, nor in the middle of a line', () => {
    expect(found('a ``` b\nc `d`\n')).toEqual([]);
    expect(found('')).toEqual([]);
  });
});
