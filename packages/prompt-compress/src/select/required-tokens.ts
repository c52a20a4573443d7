import { type EncodedPrompt, PromptError, shareOf, type Warning } from '@pliant/core';
import type { ParsedSelection } from '../options/selection-options.js';
import type { TokenCharacters } from '../tokens/characters.js';
import type { TokenRange } from '../tokens/token-range.js';
import { type MustStay, mustStay, type Structure } from './must-stay.js';
import type { Question } from './question.js';

export type SelectionWarning = Omit<Warning, 'middleware'>;

export interface Requirement extends MustStay {
  /** Tokens that may stay. */
  readonly keep: number;
  /** Questions that stay whole and score. Empty if those found by detection have no room. */
  readonly questions: readonly Question[];
  readonly warnings: readonly SelectionWarning[];
}

/** Returns how many tokens of a prompt of `length` may stay, before anything is scored. */
export function budgetOf(keep: ParsedSelection['keep'], length: number): number {
  if (typeof keep === 'number') return keep;
  // By evidence, all but one may stay, whatever the scores will be.
  if ('evidence' in keep) return length - 1;
  return shareOf(keep.ratio, length);
}

/**
 * Decides what stays in any case, and how much may stay. A share is raised to what must stay. A
 * system message that is the document and was not asked to be kept is shortened as any other.
 * @param blocks blocks that the window does not cut, if `keep` allows that
 * @throws PromptError if a number of tokens does not suffice
 */
export function requiredTokens(
  where: string,
  prompt: EncodedPrompt,
  characters: TokenCharacters,
  blocks: readonly TokenRange[],
  options: ParsedSelection & Pick<Structure, 'keepTemplate'>,
  questions: readonly Question[],
): Requirement {
  const { keep: given, keepRoles = ['system'] } = options;
  const length = prompt.ids.length;
  const keep = budgetOf(given, length);
  const atEnd = questions.findLast(({ isAtEnd }) => isAtEnd);
  const staying = (roles: readonly string[], window: number) =>
    mustStay(prompt, characters, window, { ...options, keepRoles: roles }, questions);
  const windowIn = (fits: (window: number) => boolean) => {
    if (questions.length === 0) return wholeWindow(length, options.window, blocks, fits);
    return atEnd ? length - atEnd.to : 0;
  };

  const warnings: SelectionWarning[] = [];
  let roles = keepRoles;
  const isDocument = () => typeof given === 'number' || isMostOf(prompt, 'system', options.window);
  // A share is raised; a number of tokens is not.
  const fitsKeep = (window: number) =>
    typeof given !== 'number' || staying(roles, window).count <= keep;
  let stays = staying(roles, windowIn(fitsKeep));
  if (stays.count > keep && options.keepRoles === undefined && isDocument()) {
    const others = staying([], windowIn(fitsKeep));
    if (others.count < stays.count) {
      roles = [];
      stays = staying(roles, windowIn(fitsKeep));
      warnings.push({
        type: 'degraded',
        feature: 'keepRoles',
        details: `the system message is too long to stay whole within keep (${keep} tokens), so it was shortened as other messages are; give keepRoles: ['system'] and a larger keep to have it whole`,
      });
    }
  }
  if (stays.count <= keep) return { ...stays, keep, questions, warnings };
  if (typeof given === 'number' && questions.length > 0 && options.question === 'detect') {
    const rest = requiredTokens(where, prompt, characters, blocks, options, []);
    const tokens = questions.reduce((sum, { from, to }) => sum + to - from, 0);
    const details = `keep (${keep} tokens) has no room for the ${tokens} tokens of what was taken for the question, so the last ${options.window} tokens of the prompt count as the question`;
    const warning = { type: 'degraded', feature: 'question', details } as const;
    return { ...rest, warnings: [warning, ...rest.warnings] };
  }
  if (typeof given === 'number')
    throw new PromptError(
      `${where}: keep is ${keep} tokens, but ${stays.count} tokens must stay: ${stays.reasons}. Raise keep, or let more be dropped (keepRoles, keepQuestion, keepFences, question, messages marked keep: 'always')`,
    );
  if ('ratio' in given)
    warnings.push({
      type: 'degraded',
      feature: 'keep',
      details: `a share of ${given.ratio} is ${keep} of ${length} tokens, but ${stays.count} must stay: ${stays.reasons}; these were kept`,
    });
  return { ...stays, keep: stays.count, questions, warnings };
}

/**
 * Returns the window with the whole block that it begins in, or without that block if it does not
 * fit.
 */
function wholeWindow(
  length: number,
  window: number,
  blocks: readonly TokenRange[],
  fits: (window: number) => boolean,
): number {
  const begin = length - window;
  const cut = blocks.findLast(({ from }) => from <= begin);
  if (!cut || cut.from === begin) return window;
  const longer = length - cut.from;
  if (fits(longer)) return longer;
  return cut.to < length ? length - cut.to : window;
}

/**
 * Whether the messages with a role are longer than all others together and than a few windows: a
 * document rather than instructions.
 */
function isMostOf({ spans }: EncodedPrompt, role: string, window: number): boolean {
  const tokens = spans.map((span) => span.to - span.from);
  const total = tokens.reduce((sum, one) => sum + one, 0);
  const own = spans.reduce((sum, span, i) => (span.role === role ? sum + tokens[i] : sum), 0);
  return own > total / 2 && own > 4 * window;
}
