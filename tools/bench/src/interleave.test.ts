import { expect, it } from 'vitest';
import { interleave } from './interleave.js';

it('runs the cases in turns, each round begins with the next; the first is not measured', async () => {
  const calls: string[] = [];
  const counting = (name: string) => ({
    name,
    run: async () => calls.push(name),
  });
  const samples = await interleave([counting('a'), counting('b')], 2);
  expect(calls).toEqual(['a', 'b', 'a', 'b', 'b', 'a']);
  expect([...samples]).toEqual([
    ['a', [3, 6]],
    ['b', [4, 5]],
  ]);
});
