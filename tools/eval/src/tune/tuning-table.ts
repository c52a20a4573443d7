import type { RetrievalHead } from '@pliant/prompt-compress';
import type { Estimate } from '@pliant/shared/statistics';
import { markdownTable } from '../report/table.js';
import type { Tuning } from './tune-heads.js';

/**
 * The defaults, and what each depth finds: a line where the set is another than one layer less has.
 */
export function formatTuning({
  documents,
  questions,
  draft,
  heads,
  gain,
  byDepth,
}: Tuning): string {
  const shown = byDepth.filter(
    (choice, i) =>
      choice.layers === draft || i === 0 || names(choice.heads) !== names(byDepth[i - 1].heads),
  );
  const table = markdownTable(
    [
      'layers',
      'heads',
      'found after 150 tokens, %',
      'after 400, %',
      'reciprocal rank, %',
      'all heads: after 150, %',
      'after 400, %',
    ],
    shown.map((choice) => [
      choice.layers === draft ? `**${choice.layers}**` : String(choice.layers),
      names(choice.heads),
      ...[choice.heldOut.share150, choice.heldOut.share400, choice.heldOut.reciprocalRank].map(
        percent,
      ),
      ...[choice.allHeads.share150, choice.allHeads.share400].map(percent),
    ]),
  );
  const found = heads ? `heads ${names(heads)}` : 'no heads that stand out';
  return `${questions} questions on ${documents} documents: a draft of ${draft} layers, ${found}; utility gained on the mean head ${percent(gain)} points\n\n${table}\n`;
}

function names(heads: readonly RetrievalHead[]): string {
  return heads.map(({ layer, head }) => `${layer}.${head}`).join(', ');
}

function percent({ mean, standardError }: Estimate): string {
  return `${(100 * mean).toFixed(0)} ± ${(100 * standardError).toFixed(0)}`;
}
