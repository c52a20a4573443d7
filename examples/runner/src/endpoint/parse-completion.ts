import { z } from 'zod';

/** An answer, and what the server counted where it did. */
export interface Completion {
  readonly text: string;
  /** Such as `'stop'` or `'length'`. */
  readonly finishReason?: string;
  readonly usage?: Usage;
}

/** In tokens of the server's model. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

const count = z.int().min(0);

/** The fields that are used; servers add others. */
const schema = z.object({
  choices: z
    .array(
      z.object({
        // Null where a model that reasons was cut off before it answered.
        message: z.object({ content: z.string().nullable() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullish(),
});

/** The answer in the JSON of a chat completion, or in words why it is none. */
export function parseCompletion(body: string): Completion | { readonly problem: string } {
  const json = parseJson(body);
  if (json === undefined) return { problem: 'it is not JSON' };
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    return { problem: [path.join('.'), message].filter(Boolean).join(': ') };
  }
  const { choices, usage } = parsed.data;
  const [{ message, finish_reason }] = choices;
  return {
    text: message.content ?? '',
    finishReason: finish_reason ?? undefined,
    usage: usage
      ? { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens }
      : undefined,
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
