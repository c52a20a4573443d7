import type { CompressedText } from '@pliant/prompt-compress';
import type { Completion } from './parse-completion.js';

/** The prompt that was sent. Tokens are those of the model here. */
export interface SentPrompt extends CompressedText {
  readonly stack: readonly string[];
  readonly compressMs: number;
}

/** The prompt that was sent, and the answer. */
export interface EndpointRun extends SentPrompt, Completion {
  readonly answerMs: number;
}
