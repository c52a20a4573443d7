import { PromptError } from '@pliant/core';

/**
 * Translates core's advice for a prompt beyond the context into options of this command line. ''
 * for other errors.
 */
export function contextHint(error: unknown): string {
  if (!PromptError.isInstance(error)) return '';
  const [, policy, budget] =
    /kvDrop\(\{ policy: (\w+)\(\), budget: (\d+)/.exec(error.message) ?? [];
  if (!policy) return '';
  const settings = [
    `policy=${policy}`,
    `budget=${budget}`,
    'betweenChunks=true',
    'positions=renumber',
  ];
  return `\nHere: --stack kv-drop ${settings.map((setting) => `--set kv-drop.${setting}`).join(' ')}`;
}
