import { PliantError } from '@pliant/core';
import type { PromptEvidence } from './selector.js';

/**
 * A part of the evidence that a selector goes by.
 * @throws PliantError where the prefill was not asked for it
 */
export function evidenceOf<Part extends 'hiddenMeans' | 'blockInfluences'>(
  selector: string,
  evidence: PromptEvidence,
  part: Part,
): NonNullable<PromptEvidence[Part]> {
  const found = evidence[part];
  if (found) return found;
  throw new PliantError(
    `${selector} goes by ${part} of the prompt, which nobody asked for; leave its 'requires' as it is`,
  );
}
