import type { Tokenizer } from '@pliant/core';

/** One question in the chat format, with the assistant's answer begun. */
export function renderQuestion(tokenizer: Tokenizer, question: string, begun: string): string {
  return tokenizer.renderChat(
    [
      { role: 'user', content: question },
      { role: 'assistant', content: begun },
    ],
    { continueLast: true },
  );
}
