import { expect, it } from 'vitest';
import { idsBefore } from './post-processor.js';

const before = (cls: unknown, type = 'BertProcessing') =>
  idsBefore({ post_processor: { type, cls } });

it('takes the id of the token that BERT and RoBERTa put first', () => {
  expect(before(['[CLS]', 101])).toEqual([101]);
  expect(before(['<s>', 0], 'RobertaProcessing')).toEqual([0]);
});

it.each([[['[CLS]', 'first']], [['[CLS]', -1]], [['[CLS]']], [{ 1: 101 }], ['[CLS]'], [undefined]])(
  'puts nothing first for %j',
  (cls) => {
    expect(before(cls)).toEqual([]);
  },
);
