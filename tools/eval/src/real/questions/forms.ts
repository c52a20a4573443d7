import type { Message } from '@pliant/core';

/**
 * Ways of asking about a text: the question after it, before it, in a later turn of a chat, or with
 * the text in the system message.
 */
export const formNames = ['after', 'before', 'chat', 'system'] as const;
export type Form = (typeof formNames)[number];

const forms: { readonly [form in Form]: (text: string, question: string) => Message[] } = {
  after: (text, question) => [
    { role: 'user', content: `${text}\n\nAnswer in a few words. ${question}` },
  ],
  before: (text, question) => [
    { role: 'user', content: `Answer in a few words. ${question}\n\n${text}` },
  ],
  chat: (text, question) => [
    {
      role: 'system',
      content: 'You answer questions about the text that the user sends, in a few words.',
    },
    { role: 'user', content: text },
    { role: 'assistant', content: 'I have read it. What would you like to know?' },
    { role: 'user', content: question },
  ],
  system: (text, question) => [
    { role: 'system', content: `Answer questions about this text in a few words.\n\n${text}` },
    { role: 'user', content: question },
  ],
};

/** The chat in which a question about a text is asked. */
export function askIn(form: Form, text: string, question: string): Message[] {
  return forms[form](text, question);
}
