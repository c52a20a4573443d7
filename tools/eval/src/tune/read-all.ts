import type { Journal } from '@pliant/calibrate/journal';
import type { RealDocument } from '../real/questions/documents.js';
import type { Form } from '../real/questions/forms.js';
import { hash } from '../real/questions/hash.js';
import type { HeadReader } from './head-reader.js';
import type { QuestionReading } from './question-reading.js';

/**
 * Those with the question after the text. One before it would be read again after it, as
 * `promptCompress` does, and every document as often as it has questions.
 */
const forms: readonly Form[] = ['after', 'chat', 'system'];

/** A reading as the journal keeps it. */
type Line = Omit<QuestionReading, 'worths'> & { readonly worths: string };

/**
 * Asks every question on every document, each document in one form, by turns.
 * @param journal what it knows is not read again
 */
export async function readAll(
  reader: HeadReader,
  documents: readonly RealDocument[],
  journal: Journal | undefined,
  report: (line: string) => void,
): Promise<QuestionReading[]> {
  const readings: QuestionReading[] = [];
  for (const [i, document] of documents.entries()) {
    const form = forms[i % forms.length];
    for (const question of document.questions) {
      const key = `${question.id} ${form} ${hash(document.text + question.question)}`;
      const known = journal?.get(key) as Line | undefined;
      const reading = known ? fromLine(known) : await reader.read(document, question, form);
      if (!known) journal?.put(key, toLine(reading));
      readings.push(reading);
    }
    report(`${i + 1} of ${documents.length} documents: ${document.id}`);
  }
  return readings;
}

function toLine(reading: QuestionReading): Line {
  const { buffer, byteOffset, byteLength } = reading.worths;
  return {
    ...reading,
    worths: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  };
}

function fromLine(line: Line): QuestionReading {
  // A copy, since floats must begin at a multiple of 4.
  const bytes = Uint8Array.from(Buffer.from(line.worths, 'base64'));
  return { ...line, worths: new Float32Array(bytes.buffer) };
}
