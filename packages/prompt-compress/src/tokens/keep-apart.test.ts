import { expect, it } from 'vitest';
import { keepApart } from './keep-apart.js';

/** Joins what stays of blocks, a token each, of which those in brackets were kept. */
function stays(marked: string, { room = 0, must = '' } = {}): string {
  const parts = marked.split('|');
  const texts = parts.map((part) => part.replace(/^\[(.*)\]$/, '$1'));
  const kept = Uint8Array.from(parts, (part) => Number(part.startsWith('[')));
  const ends = texts.map((_, i) => texts.slice(0, i + 1).join('').length);
  const characters = {
    start: Int32Array.from(ends, (end, i) => end - texts[i].length),
    end: Int32Array.from(ends),
  };
  const blocks = texts.map((_, i) => ({ from: i, to: i + 1 }));
  keepApart(kept, blocks, texts.join(''), characters, ({ from }) => texts[from] !== must, room);
  return texts.filter((_, i) => kept[i]).join('');
}

it.each([
  ['[12]|, |[34]', '12, 34'],
  ['[mail]| the |[box]', 'mail the box'],
  ['[7]| of |[.5 kg]', '7 of .5 kg'],
  ['[7]|x| and |[7]', '7 and 7'],
])('keeps what parts %s', (marked, text) => {
  expect(stays(marked, { room: 1 })).toBe(text);
});

it('drops the later of two that would read as one number, or the earlier where the later must stay', () => {
  expect(stays('[12]|, |[34]')).toBe('12');
  expect(stays('[12]|, |[34]', { must: '34' })).toBe('34');
});

it.each([
  ['[12]|[34]', '1234'],
  ['[12 ]|, |[34]', '12 34'],
  ['[one.]| two|[ three]', 'one. three'],
  ['[日]|月|[本]', '日本'],
])('leaves %s as it is', (marked, text) => {
  expect(stays(marked)).toBe(text);
});
