import { expect, it } from 'vitest';
import { leavesLast } from './leaves-last.js';
import { makeNode } from './node-builder.js';

it('puts the nodes that only make outputs at the end, the first one last', () => {
  const nodes = [
    makeNode('Attention', ['x'], ['a', 'present.0']),
    makeNode('Slice', ['a'], ['queries.0']),
    makeNode('Attention', ['a'], ['b', 'present.1']),
    makeNode('Slice', ['b'], ['queries.1']),
    makeNode('MatMul', ['b'], ['logits']),
  ];
  const ports = new Set(['present.0', 'present.1', 'queries.0', 'queries.1']);
  expect(leavesLast(nodes, ports).map(({ output }) => output.join())).toEqual([
    'a,present.0',
    'b,present.1',
    'logits',
    'queries.1',
    'queries.0',
  ]);
});
