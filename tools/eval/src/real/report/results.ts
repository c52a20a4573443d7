import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidOptionsError, show } from '@pliant/core';
import { z } from 'zod';

const answerSchema = z.strictObject({
  id: z.string(),
  method: z.string(),
  /** Null for `plain`; above 1 tokens or rows, else a share. */
  keep: z.number().nullable(),
  right: z.boolean(),
  text: z.string(),
  /** Length of the prompt. */
  tokens: z.int().optional(),
  tokensKept: z.int().optional(),
  /** Milliseconds to the first token; absent where readings were remembered. */
  ttft: z.number().optional(),
  /** Share of the evidence that the target read, 0 to 1. */
  evidence: z.number().optional(),
  /** Why there is no answer: it then counts as wrong. */
  error: z.string().optional(),
  /** The process that measured. Times compare only within one. */
  run: z.string(),
  model: z.string(),
  /** Its id, and the heads that were chosen for it. */
  draft: z.string(),
});

/** One answer, a line of `answers.jsonl`. */
export type RealAnswer = z.output<typeof answerSchema>;

/** Answers of this and earlier runs, on disk as soon as they are there. */
export class Results {
  readonly answers: RealAnswer[] = [];
  readonly #file: string | undefined;

  /**
   * @param folder for `answers.jsonl`; without it the answers are kept in memory only
   * @throws InvalidOptionsError for a folder with answers of another model, draft or choice of
   * heads
   */
  constructor(folder: string | undefined, { model, draft }: Pick<RealAnswer, 'model' | 'draft'>) {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'answers.jsonl');
    if (!existsSync(this.#file)) return;
    const text = readFileSync(this.#file, 'utf8');
    // A run that was broken off may have left the beginning of a line: its question is asked again.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) writeFileSync(this.#file, whole);
    const lines = whole.split('\n').filter(Boolean);
    this.answers = lines.map((line) => answerSchema.parse(JSON.parse(line)));
    const other = this.answers.find((answer) => answer.model !== model || answer.draft !== draft);
    if (other)
      throw new InvalidOptionsError('real', [
        {
          path: 'out',
          message: `holds answers of ${show(other.model)} with the draft ${show(other.draft)}, not of ${show(model)} with ${show(draft)}: give another folder`,
        },
      ]);
  }

  has({ id, method, keep }: Pick<RealAnswer, 'id' | 'method' | 'keep'>): boolean {
    return this.answers.some(
      (answer) => answer.id === id && answer.method === method && answer.keep === keep,
    );
  }

  add(answer: RealAnswer): void {
    this.answers.push(answer);
    if (this.#file) appendFileSync(this.#file, `${JSON.stringify(answer)}\n`);
  }
}
