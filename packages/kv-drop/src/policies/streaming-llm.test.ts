import { InvalidOptionsError } from '@pliant/core';
import { readJson } from '@pliant/fixtures';
import { describe, expect, it } from 'vitest';
import { keepBest } from '../cut/keep-best.js';
import { type Golden, layerRows } from './policies.test.support.js';
import { streamingLLM } from './streaming-llm.js';

describe('streamingLLM', () => {
  it('keeps the sinks and the most recent rows', () => {
    const keep = (sinks: number, budget: number) => [
      ...keepBest(streamingLLM({ sinks }), layerRows({ rows: 11 }), budget)[0],
    ];
    expect(keep(4, 5)).toEqual([0, 1, 2, 3, 9]);
    expect(keep(0, 3)).toEqual([7, 8, 9]);
  });

  it.each(['tiny-llama', 'tiny-qwen2'])('keeps what kvpress keeps on %s', (model) => {
    const { prompts } = readJson<Golden>(`models/${model}/golden.json`);
    const { settings, refeed } = prompts.long.policies.streamingLlm;
    const policy = streamingLLM({ sinks: settings.sinks });
    refeed.kept.forEach((kept, layer) => {
      const rows = layerRows({ layer, kvHeads: 2, rows: 80 });
      expect(keepBest(policy, rows, settings.capacity).map((head) => [...head])).toEqual(kept);
    });
  });

  it('needs room for one recent row, and no scores', () => {
    expect(streamingLLM().minimumBudget).toBe(5);
    expect(streamingLLM().scores).toBeUndefined();
  });

  it('refuses wrong options', () => {
    expect(() => streamingLLM({ sinks: -1 })).toThrow(InvalidOptionsError);
    // @ts-expect-error: no such option
    expect(() => streamingLLM({ sink: 4 })).toThrow('streamingLLM: Unrecognized key');
  });
});
