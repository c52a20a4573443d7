import { expect, it } from 'vitest';
import { interleave } from './interleave.js';

it('runs the cases in turns, the first round unmeasured', async () => {
  const calls: string[] = [];
  const counting = (name: string) => ({
    name,
    run: async () => calls.push(name),
  });
  const samples = await interleave([counting('a'), counting('b')], 2);
  expect(calls).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect([...samples]).toEqual([
    ['a', [3, 5]],
    ['b', [4, 6]],
  ]);
});
