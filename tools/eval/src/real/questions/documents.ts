import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { formNames } from './forms.js';
import { halfNames } from './halves.js';

/** `tools/eval/documents`. */
const folder = fileURLToPath(new URL('../../../documents', import.meta.url));

const text = z.string().trim().min(1);

const questionSchema = z.strictObject({
  id: text,
  form: z.enum(formNames),
  question: text,
  answers: z.array(text).min(1),
  evidence: z.array(text).min(1),
});

const aboutSchema = z.strictObject({
  kind: text,
  language: text,
  source: text,
  half: z.enum(halfNames),
  questions: z.array(questionSchema).min(1),
});

/** A question on a document. */
export interface Question extends z.output<typeof questionSchema> {
  /** Accepted answers: one of them is enough. */
  readonly answers: string[];
  /** Passages of the document that the answer follows from, as they stand in it. */
  readonly evidence: string[];
}

export interface RealDocument extends z.output<typeof aboutSchema> {
  /** Name of its folder. */
  readonly id: string;
  /** Without blanks around it. */
  readonly text: string;
  readonly questions: Question[];
}

/**
 * Reads the documents in the order of their ids.
 * @throws Error that names the folder for an `about.json` that is not as the README of the
 * documents says
 */
export function readDocuments(): RealDocument[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((id) => {
      const file = readdirSync(join(folder, id)).find((name) => name.startsWith('document.'));
      if (!file) throw new Error(`${join(folder, id)} has no file 'document.*'`);
      const about = aboutSchema.safeParse(
        JSON.parse(readFileSync(join(folder, id, 'about.json'), 'utf8')),
      );
      if (!about.success)
        throw new Error(`${join(folder, id, 'about.json')}: ${z.prettifyError(about.error)}`);
      return { ...about.data, id, text: readFileSync(join(folder, id, file), 'utf8').trim() };
    });
}
