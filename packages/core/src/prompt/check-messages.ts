import { show } from '../checks/show.js';
import { PliantError, PromptError } from '../contract/errors.js';
import type { Message, MessageInput } from '../contract/tokenizer.js';

const keeps: readonly unknown[] = ['always', 'may-drop'];
const fields: readonly string[] = [
  'role',
  'content',
  'keep',
  'controlTokens',
  'name',
  'tool_calls',
  'tool_call_id',
];

/**
 * Messages of a chat as given, checked, with their content as one text: text parts are joined,
 * `null` beside tool calls is the empty text.
 * @throws PromptError naming the message and its field
 */
export function checkMessages(given: unknown): Message[] {
  try {
    return check(given);
  } catch (error) {
    if (PliantError.isInstance(error)) throw error;
    // A getter or a proxy that throws.
    throw new PromptError(`messages cannot be read: ${show(error)}`, { cause: error });
  }
}

function check(given: unknown): Message[] {
  if (!Array.isArray(given))
    throw new PromptError(
      `messages is ${show(given)}; give a list of messages, [{ role: 'user', content: '...' }]`,
    );
  if (given.length === 0) throw new PromptError('the prompt has no messages');
  return Array.from(given, checkMessage);
}

function checkMessage(given: unknown, index: number): Message {
  const where = `messages[${index}]`;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new PromptError(`${where} is ${show(given)}; a message is { role, content }`);
  const { role, keep, controlTokens, name, tool_calls, tool_call_id } = given as MessageInput;
  for (const [field, value] of Object.entries(given))
    if (!fields.includes(field) && value !== undefined && value !== null)
      throw new PromptError(
        `${where}.${field} is not known, and nothing is left out silently; a message has ${fields.join(', ')}`,
      );
  if (typeof role !== 'string' || role === '')
    throw new PromptError(
      `${where}.role is ${show(role)}; give the role of the message, such as 'user'`,
    );
  if (keep !== undefined && !keeps.includes(keep))
    throw new PromptError(`${where}.keep is ${show(keep)}; it is 'always' or 'may-drop'`);
  if (controlTokens !== undefined && controlTokens !== 'text' && controlTokens !== 'obey')
    throw new PromptError(
      `${where}.controlTokens is ${show(controlTokens)}; it is 'text' or 'obey'`,
    );
  for (const [field, value] of [
    ['name', name],
    ['tool_call_id', tool_call_id],
  ] as const)
    if (value !== undefined && value !== null && typeof value !== 'string')
      throw new PromptError(`${where}.${field} is ${show(value)}; it is a text`);
  const calls = tool_calls ?? undefined;
  if (calls !== undefined && !(Array.isArray(calls) && calls.every((call) => isPlainData(call))))
    throw new PromptError(`${where}.tool_calls is ${show(calls)}; it is a list of tool calls`);
  return {
    role,
    content: contentOf((given as MessageInput).content, `${where}.content`, calls),
    ...(keep === undefined ? {} : { keep }),
    ...(controlTokens === undefined ? {} : { controlTokens }),
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof tool_call_id === 'string' ? { tool_call_id } : {}),
    ...(calls === undefined ? {} : { tool_calls: calls }),
  };
}

function contentOf(content: unknown, where: string, calls: readonly unknown[] | undefined): string {
  if (typeof content === 'string') return content;
  if (content === null && calls !== undefined && calls.length > 0) return '';
  if (!Array.isArray(content))
    throw new PromptError(
      `${where} is ${show(content)}; give a text, or text parts [{ type: 'text', text: '...' }]`,
    );
  return Array.from(content, (part, i) => textOfPart(part, `${where}[${i}]`)).join('');
}

function textOfPart(part: unknown, where: string): string {
  const { type, text } = (typeof part === 'object' && part !== null ? part : {}) as {
    type?: unknown;
    text?: unknown;
  };
  if (type === 'text' && typeof text === 'string') return text;
  throw new PromptError(
    `${where} is ${show(part)}; only text parts { type: 'text', text } can be read`,
  );
}

/** True for values that JSON can hold, to a depth that no tool call reaches. */
function isPlainData(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth > 64) return false;
  return Object.values(value).every(
    (inner) => inner === undefined || isPlainData(inner, depth + 1),
  );
}
