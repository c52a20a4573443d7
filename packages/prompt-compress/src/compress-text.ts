import {
  checkMessages,
  type Decoder,
  decoderSchema,
  encodePrompt,
  encodePromptWithin,
  type Message,
  type MessageInput,
  parseOptions,
  type Tokenizer,
  tokenizerSchema,
  type Warning,
} from '@pliant/core';
import { z } from 'zod/v4';
import { checkScores, checkTokenizer } from './draft/check-draft.js';
import { checkLength, draftPass, tooLong } from './draft/draft-pass.js';
import { ask, readAsGiven } from './draft/draft-reading.js';
import {
  checkSelection,
  checkWithoutDraft,
  type ParsedSelection,
  type SelectionOptions,
  selectionShape,
} from './options/selection-options.js';
import { type DroppedRange, droppedCharacters, droppedOfMessages } from './report/dropped.js';
import { isLeftAlone } from './report/left-alone.js';
import { planSelection } from './select/plan-selection.js';
import type { SelectionWarning } from './select/required-tokens.js';

const where = 'compressText';

const schema = z
  .strictObject({
    ...selectionShape,
    draft: decoderSchema.optional(),
    tokenizer: tokenizerSchema,
    minTokens: z.int().min(0).default(0),
    gap: z.string().default(''),
    signal: z.instanceof(AbortSignal).optional(),
  })
  .superRefine(checkSelection)
  .superRefine(checkWithoutDraft);

export interface CompressTextOptions extends SelectionOptions {
  /**
   * Reads the whole chat; needs `scores`. Without a draft, sentences or lines are chosen by the
   * words that they share with the question alone.
   */
  readonly draft?: Decoder;
  /**
   * The draft's tokenizer, if there is a draft. Its chat template renders the messages, and it
   * counts the tokens.
   */
  readonly tokenizer: Tokenizer;
  /** Chats of fewer tokens are left alone. 0 or more; default 0. */
  readonly minTokens?: number;
  /** Replaces what was dropped, such as `' … '`; not counted in `keep`. Default `''`. */
  readonly gap?: string;
  readonly signal?: AbortSignal;
}

export interface CompressedText {
  /**
   * As many messages as given, in their order, with their roles; their content lacks what was
   * dropped.
   */
  readonly messages: readonly Message[];
  /** Tokens of the chat as given, including those that the template writes. */
  readonly tokens: number;
  /** Tokens kept of these. A model with another tokenizer or template counts otherwise. */
  readonly tokensKept: number;
  /** Ranges in the content of the messages as given, ascending. */
  readonly dropped: readonly DroppedRange[];
  /**
   * The warnings that `promptCompress` gives: a raised share, units that were cut, an unused part
   * of `keep`.
   */
  readonly warnings: readonly Warning[];
}

/**
 * Shortens a chat to the text that a draft attends to, for a model that runs elsewhere:
 * `promptCompress` with text as its result.
 *
 * The template's text between the messages stays and counts in `keep`. No character is cut. The
 * best part of each message that is not blank is kept, unless `keep` has no room for it: then the
 * content is empty. A message whose text the template changes stays as it is.
 *
 * @throws InvalidOptionsError for a wrong option, or a tokenizer that is not the draft's
 * @throws MissingCapabilityError for a draft without `scores`
 * @throws PromptError if there are no messages, if what must stay exceeds a `keep` in tokens, or if
 * the chat is longer than the draft's context
 * @throws the signal's reason
 */
export async function compressText(
  given: readonly MessageInput[],
  options: CompressTextOptions,
): Promise<CompressedText> {
  const { draft, tokenizer, gap, ...selection } = parseOptions(where, schema, options);
  const { signal = new AbortController().signal, minTokens } = selection;
  if (draft) {
    checkScores(where, draft, selection);
    checkTokenizer(where, 'tokenizer', draft, tokenizer);
  }
  const messages = checkMessages(given);
  const prompt = draft
    ? await encodePromptWithin({ messages }, tokenizer, {
        signal,
        // A prompt shorter than what is kept is left alone, however little the draft reads.
        room: 1 + Math.max(draft.shape.maxPositions, minTokens, countOf(selection.keep)),
        refuse: (tokens) => tooLong(draft, tokens),
      })
    : encodePrompt({ messages }, tokenizer);
  signal.throwIfAborted();
  const tokens = prompt.ids.length;
  const whole = { messages, tokens, tokensKept: tokens, dropped: [], warnings: [] };
  if (isLeftAlone(tokens, selection, minTokens)) return whole;

  const planned = { ...selection, keepTemplate: true, needsText: true, keepSomeOfEach: true };
  const plan = planSelection(where, prompt, tokenizer, planned);
  const warnings = [...plan.warnings];
  if (plan.keep >= tokens) return { ...whole, warnings: warnings.map(named) };
  const score = draft ? await scoreBy(draft) : new Float64Array(tokens);
  const { kept, warnings: more } = plan.choose(score);
  const dropped = droppedOfMessages(droppedCharacters(plan.characters, kept), prompt.spans);
  const ofMessages = messages.map((): DroppedRange[] => []);
  for (const range of dropped) ofMessages[range.message].push(range);
  return {
    messages: messages.map((message, index) => ({
      ...message,
      content: withoutDropped(message.content, ofMessages[index], gap),
    })),
    tokens,
    tokensKept: kept.length,
    dropped,
    warnings: [...warnings, ...more].map(named),
  };

  async function scoreBy(reader: Decoder): Promise<Float64Array> {
    const asked = ask(prompt, plan.questions, tokenizer, selection);
    const reading = readAsGiven(asked);
    checkLength(reader, reading, selection.lookahead);
    const open = () => reader.open({ needs: ['scores'] });
    const scoring = { ...selection, endOfText: tokenizer.endOfText };
    return asked.toPrompt((await draftPass(open, reader, reading, scoring, signal)).score);
  }
}

const countOf = (keep: ParsedSelection['keep']) => (typeof keep === 'number' ? keep : 0);

function named(warning: SelectionWarning): Warning {
  return { ...warning, middleware: where };
}

function withoutDropped(content: string, dropped: readonly DroppedRange[], gap: string): string {
  const begins = [0, ...dropped.map(({ to }) => to)];
  const ends = [...dropped.map(({ from }) => from), content.length];
  return begins.map((from, i) => content.slice(from, ends[i])).join(gap);
}
