import { expect, it } from 'vitest';
import { makeNode } from '../onnx/node-builder.js';
import { moveLeavesLast } from './move-leaves-last.js';

it('puts the nodes that only make outputs at the end, the first one last', () => {
  const nodes = [
    makeNode('Attention', ['x'], ['a', 'present.0']),
    makeNode('Slice', ['a'], ['queries.0']),
    makeNode('Attention', ['a'], ['b', 'present.1']),
    makeNode('Slice', ['b'], ['queries.1']),
    makeNode('MatMul', ['b'], ['logits']),
  ];
  const ports = ['present.0', 'present.1', 'queries.0', 'queries.1'];
  expect(moveLeavesLast(nodes, ['logits'], ports).map(({ output }) => output.join())).toEqual([
    'a,present.0',
    'b,present.1',
    'logits',
    'queries.1',
    'queries.0',
  ]);
});

it('puts nodes between the model and a port there too, the nearest to the model before the others', () => {
  const nodes = [
    makeNode('Layer', ['x'], ['a']),
    makeNode('Layer', ['a'], ['b']),
    makeNode('MatMul', ['b'], ['logits']),
    makeNode('Slice', ['a'], ['sampled.0']),
    makeNode('Unsqueeze', ['sampled.0'], ['stacked.0']),
    makeNode('Slice', ['b'], ['sampled.1']),
    makeNode('Unsqueeze', ['sampled.1'], ['stacked.1']),
    makeNode('Concat', ['stacked.0', 'stacked.1'], ['states']),
  ];
  expect(moveLeavesLast(nodes, ['logits'], ['states']).map(({ output }) => output.join())).toEqual([
    'a',
    'b',
    'logits',
    'sampled.1',
    'sampled.0',
    'stacked.1',
    'stacked.0',
    'states',
  ]);
});
