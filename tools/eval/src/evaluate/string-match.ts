/**
 * The share of answers that stand in the text, whatever the case: RULER's `string_match_all` (Hsieh
 * et al. 2024, arXiv:2404.06654) of one prediction, 0 to 1.
 * @param answers at least one
 */
export function stringMatch(text: string, answers: readonly string[]): number {
  const lower = text.toLowerCase();
  const found = answers.filter((answer) => lower.includes(answer.toLowerCase()));
  return found.length / answers.length;
}
