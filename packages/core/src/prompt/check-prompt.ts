import { checkIds } from '../checks/check-ids.js';
import { show } from '../checks/show.js';
import { PliantError, PromptError } from '../contract/errors.js';
import type { Message } from '../contract/tokenizer.js';
import { checkMessages } from './check-messages.js';

/** A prompt whose parts are what they should be. */
export type CheckedPrompt =
  | { readonly ids: Int32Array }
  | { readonly text: string; readonly bos: boolean }
  | { readonly messages: readonly Message[] };

const kinds = ['text', 'messages', 'ids'] as const;
const wayOut = 'give one of { text }, { messages } and { ids }';

/** @throws PromptError naming what is wrong, also for a prompt of two kinds, or of none */
export function checkPrompt(prompt: unknown, vocabularySize: number): CheckedPrompt {
  try {
    return check(prompt, vocabularySize);
  } catch (error) {
    if (PliantError.isInstance(error)) throw error;
    // A getter or a proxy that throws.
    throw new PromptError(`the prompt cannot be read: ${show(error)}`, { cause: error });
  }
}

function check(prompt: unknown, vocabularySize: number): CheckedPrompt {
  if (typeof prompt !== 'object' || prompt === null || Array.isArray(prompt))
    throw new PromptError(`the prompt is ${show(prompt)}; ${wayOut}`);
  const given = prompt as Readonly<Record<string, unknown>>;
  const has = kinds.filter((kind) => given[kind] !== undefined);
  if (has.length > 1)
    throw new PromptError(
      `the prompt has ${has.join(' and ')}, of which only one counts; ${wayOut}`,
    );
  const [kind] = has;
  const known: readonly string[] = kind === 'text' ? ['text', 'bos'] : kinds;
  const unknown = Object.keys(given).find(
    (key) => given[key] !== undefined && !known.includes(key),
  );
  if (unknown !== undefined)
    throw new PromptError(
      `the prompt has '${unknown}', which ${kind === undefined ? 'is not a kind of prompt' : `a prompt of ${kind} does not take`}; ${wayOut}`,
    );
  if (kind === 'ids') return { ids: checkIds(given.ids, vocabularySize) };
  if (kind === 'messages') return { messages: checkMessages(given.messages) };
  if (kind === undefined) throw new PromptError(`the prompt is empty; ${wayOut}`);
  const { text, bos = true } = given;
  if (typeof text !== 'string') throw new PromptError(`text is ${show(text)}; give a string`);
  if (typeof bos !== 'boolean') throw new PromptError(`bos is ${show(bos)}; it is true or false`);
  return { text, bos };
}
