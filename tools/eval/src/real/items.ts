import { type Question, type RealDocument, readDocuments } from './questions/documents.js';
import { type Form, formNames } from './questions/forms.js';
import { type Half, halfOf } from './questions/halves.js';
import { placeNames, placeOf } from './questions/place.js';
import type { Breakdown } from './report/real-table.js';

/** A question and the document that it is about. */
export interface Item {
  readonly document: RealDocument;
  readonly question: Question;
}

/** @param every each N-th question of those in the half and the forms */
export function itemsOf(half: Half | 'all', forms: readonly Form[], every: number): Item[] {
  const documents = readDocuments();
  return (half === 'all' ? documents : halfOf(documents, half))
    .flatMap((document) => document.questions.map((question) => ({ document, question })))
    .filter(({ question }) => forms.includes(question.form))
    .filter((_, i) => i % every === 0);
}

/** By form, place of the evidence and kind of document. */
export function breakdownsOf(items: readonly Item[]): Breakdown[] {
  const by = (name: string, groups: readonly string[], groupOf: (item: Item) => string) => {
    const known = new Map(items.map((item) => [item.question.id, groupOf(item)]));
    return { name, groups, groupOf: (id: string) => known.get(id)! };
  };
  const kindOf = ({ document: { kind, language } }: Item) =>
    language === 'en' ? kind : 'other language';
  return [
    by('form', formNames, ({ question }) => question.form),
    by('place of the evidence', placeNames, ({ question, document }) =>
      placeOf(question, document),
    ),
    by('kind of document', [...new Set(items.map(kindOf))].sort(), kindOf),
  ];
}
