import type { PromptAnswers } from './evaluate.js';

const columns = ['task', 'seed', 'method', 'budget', 'stringMatch', 'kl', 'topOne'] as const;

/** JSON of every mark without the texts, a line each, rounded to four digits. */
export function formatScores(settings: object, prompts: readonly PromptAnswers[]): string {
  const lines = prompts.flatMap(({ marked }) =>
    marked.map((answer) =>
      JSON.stringify(
        columns.map((column) => {
          const value = answer[column];
          return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
        }),
      ),
    ),
  );
  const head = JSON.stringify({ ...settings, columns }).slice(0, -1);
  return `${head},"scores":[\n${lines.join(',\n')}\n]}\n`;
}
