import { type Decoder, type Middleware, pipeline, type Tokenizer } from '@pliant/core';
import type { TaskPrompt } from '../tasks/task.js';
import { type ReferenceRow, referenceRow } from './divergence.js';

/** The full run's greedy answer. */
export interface FullAnswer {
  readonly text: string;
  /** An end token included. */
  readonly tokens: readonly number[];
  /** The distribution that each token was chosen from. */
  readonly rows: readonly ReferenceRow[];
  readonly promptTokens: number;
}

export async function answerInFull(
  decoder: Decoder,
  tokenizer: Tokenizer,
  { text: prompt, maxNewTokens }: TaskPrompt,
): Promise<FullAnswer> {
  const rows: ReferenceRow[] = [];
  const record: Middleware = {
    specificationVersion: 'v1',
    name: 'record-distributions',
    requires: [],
    create: () => ({
      adjust: (logits) => {
        rows.push(referenceRow(logits));
      },
    }),
  };
  const stack = pipeline(decoder, { tokenizer }).use(record);
  const { text, tokens, metrics } = await stack.generate({ text: prompt }, { maxNewTokens });
  return { text, tokens, rows, promptTokens: metrics.promptTokens };
}
