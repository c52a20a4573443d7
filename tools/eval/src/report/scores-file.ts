import type { PromptAnswers } from '../evaluate/answers.js';

const columns = ['task', 'seed', 'method', 'budget', 'stringMatch', 'kl', 'topOne'] as const;

/** CSV of every mark without the texts, four digits each; `full` has no budget. */
export function formatScores(prompts: readonly PromptAnswers[]): string {
  const lines = prompts.flatMap(({ marked }) =>
    marked.map((answer) =>
      columns
        .map((column) => {
          const value = answer[column];
          return typeof value === 'number' ? Number(value.toPrecision(4)) : (value ?? '');
        })
        .join(),
    ),
  );
  return `${[columns.join(), ...lines].join('\n')}\n`;
}
