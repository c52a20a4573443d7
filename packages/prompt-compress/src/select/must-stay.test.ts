import { encodePrompt, type Message } from '@pliant/core';
import { mockTokenizer } from '@pliant/core/testing';
import { describe, expect, it } from 'vitest';
import { tokenCharacters } from '../tokens/characters.js';
import { mustStay, type Structure } from './must-stay.js';

const tokenizer = mockTokenizer();
const messages: readonly Message[] = [
  { role: 'system', content: 'Rules 😀' },
  { role: 'user', content: 'Look:\n```\nx = 1\n```\nOk?' },
  { role: 'assistant', content: 'Yes.' },
  { role: 'tool', content: '42' },
  { role: 'user', content: 'Then?' },
];
const nothing = { keepRoles: [], keepTemplate: false, keepQuestion: false, keepFences: false };

/** The text that stays, a bar where something does not. */
function staying(
  structure: Partial<Structure>,
  given: Parameters<typeof encodePrompt>[0] = { messages },
  window = 0,
): string {
  const prompt = encodePrompt(given, tokenizer);
  const stays = mustStay(prompt, tokenCharacters(prompt), window, { ...nothing, ...structure });
  const marks = [...stays.required];
  expect(stays.count).toBe(marks.filter(Boolean).length);
  return Buffer.concat(
    marks.map((mark, i) =>
      mark ? Buffer.from(tokenizer.bytes(prompt.ids[i])) : Buffer.from('\0'),
    ),
  )
    .toString()
    .replace(/\0+/g, '|');
}

describe('mustStay', () => {
  it('keeps the window', () => {
    expect(staying({}, { text: 'abcdef' }, 2)).toBe('|ef');
    expect(staying({}, { text: 'abc' }, 8)).toBe('abc');
    expect(staying({})).toBe('|');
  });

  it('keeps messages by role, marked ones, and the last of the user', () => {
    expect(staying({ keepRoles: ['system', 'tool'] })).toBe('|Rules 😀|42|');
    expect(staying({ keepQuestion: true })).toBe('|Then?|');
    const marked = messages.map((message, i) =>
      i === 2 ? { ...message, keep: 'always' as const } : message,
    );
    expect(staying({}, { messages: marked })).toBe('|Yes.|');
  });

  it('keeps what the template writes around messages', () => {
    expect(staying({ keepTemplate: true })).toBe(
      '<|start|>system\n|<|end|>\n<|start|>user\n|<|end|>\n<|start|>assistant\n|<|end|>\n' +
        '<|start|>tool\n|<|end|>\n<|start|>user\n|<|end|>\n<|start|>assistant\n',
    );
  });

  it('keeps code fences, of a chat and of plain text', () => {
    expect(staying({ keepFences: true })).toBe('|```\nx = 1\n```|');
    expect(staying({ keepFences: true }, { text: 'See\n~~~\na\n~~~\n' })).toBe('|~~~\na\n~~~|');
    const ids = tokenizer.encode('See\n~~~\na\n~~~\n');
    expect(staying({ keepFences: true }, { ids })).toBe('|~~~\na\n~~~|');
  });

  it('keeps nothing of a plain prompt for its structure', () => {
    const structure = { keepRoles: ['system'], keepTemplate: true, keepQuestion: true };
    expect(staying(structure, { text: 'abc' })).toBe('|');
    expect(staying(structure, { ids: [97, 98] })).toBe('|');
  });

  it('says how many stay for which reason, each once', () => {
    const prompt = encodePrompt(
      { messages: [...messages, { role: 'user', content: 'a', keep: 'always' }] },
      tokenizer,
    );
    const structure = { ...nothing, keepRoles: ['tool'], keepQuestion: true };
    const { reasons } = mustStay(prompt, tokenCharacters(prompt), 3, structure);
    expect(reasons).toBe(
      "3 of the window, 2 of messages with role 'tool', 1 of messages marked keep: 'always'",
    );
  });
});
