import type { CompressedText } from '@pliant/prompt-compress';
import type { Completion } from './parse-completion.js';

/** What was sent. Tokens are those of the model here. */
export interface SentPrompt extends CompressedText {
  readonly stack: readonly string[];
  readonly compressMs: number;
}

/** What was sent, and the answer. */
export interface EndpointRun extends SentPrompt, Completion {
  readonly answerMs: number;
}
