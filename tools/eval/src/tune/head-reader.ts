import {
  type Decoder,
  encodePrompt,
  PromptError,
  type ScoresRequest,
  type Sequence,
  type Tokenizer,
} from '@pliant/core';
import { textUnits, tokenCharacters, tokensOf } from '@pliant/prompt-compress/selection';
import { answerStands } from '../real/answer-stands.js';
import type { Question, RealDocument } from '../real/questions/documents.js';
import { askIn, type Form } from '../real/questions/forms.js';
import type { QuestionReading } from './question-reading.js';

/** Tokens a forward of the text. */
const chunkTokens = 512;
const scoresName = 'tune';

/**
 * Reads documents and what each head pays to their sentences from the questions' tokens. Questions
 * that follow one after the other on the same document, asked in the same form, read it once.
 */
export class HeadReader {
  #sequence: Sequence | undefined;
  /** In the sequence's cache. */
  #read: Int32Array = new Int32Array();

  constructor(
    private readonly decoder: Decoder,
    private readonly tokenizer: Tokenizer,
  ) {}

  /**
   * @param form one with the question after the text
   * @throws PromptError for a document that the decoder's context is too short for
   */
  async read(document: RealDocument, question: Question, form: Form): Promise<QuestionReading> {
    const messages = askIn(form, document.text, question.question);
    const prompt = encodePrompt({ messages }, this.tokenizer);
    const { ids, text } = prompt;
    const { maxPositions, heads } = this.decoder.shape;
    if (ids.length > maxPositions)
      throw new PromptError(
        `question '${question.id}' takes ${ids.length} tokens with its document, but '${this.decoder.id}' reads at most ${maxPositions}`,
      );
    const characters = tokenCharacters(prompt);
    const rangeOf = (passage: string, from: number) => {
      const at = text.indexOf(passage, from);
      return tokensOf({ from: at, to: at + passage.length }, characters);
    };
    const from = text.indexOf(document.text);
    const whole = rangeOf(document.text, from);
    const asked = rangeOf(question.question, from + document.text.length);
    const sentences = textUnits(prompt, characters, 'sentence').filter(
      (unit) => unit.from < whole.to && unit.to > whole.from && unit.to <= asked.from,
    );
    const evidence = question.evidence.map((passage) => rangeOf(passage, from));
    const holding = [...sentences.keys()].filter((i) =>
      evidence.some((range) => sentences[i].from < range.to && sentences[i].to > range.from),
    );
    const answering = holding.filter((i) => {
      const sentence = text.slice(
        characters.start[sentences[i].from],
        characters.end[sentences[i].to - 1],
      );
      return question.answers.some((answer) => answerStands(answer, sentence));
    });
    const rows = ids.length - asked.from;
    const scores = await this.#ask(ids, asked.from, {
      rows,
      rowWeights: Float32Array.from({ length: rows }, (_, i) =>
        i < asked.to - asked.from ? 1 : 0,
      ),
      reduceRows: 'max',
      reduceHeads: 'none',
    });
    return {
      id: question.id,
      document: document.id,
      lengths: sentences.map((unit) => unit.to - unit.from),
      evidence: answering.length > 0 ? answering : holding,
      worths: bestTokens(scores, sentences, heads),
    };
  }

  /** @returns layer -> [heads, T] */
  async #ask(
    ids: Int32Array,
    from: number,
    scores: ScoresRequest,
  ): Promise<ReadonlyMap<number, Float32Array>> {
    let known = 0;
    while (known < Math.min(from, this.#read.length) && this.#read[known] === ids[known]) known++;
    this.#sequence ??= await this.decoder.open({ needs: ['scores', 'kv.edit'] });
    if (known < this.#read.length) this.#sequence.edit({ truncate: known });
    this.#read = ids.subarray(0, known);
    for (let at = known; at < from; at += chunkTokens) {
      const chunk = ids.subarray(at, Math.min(from, at + chunkTokens));
      await this.#sequence.forward({ ids: chunk, want: { logits: 'none' } });
      this.#read = ids.subarray(0, at + chunk.length);
    }
    const want = { logits: 'none', scores: { [scoresName]: scores } } as const;
    const output = await this.#sequence.forward({ ids: ids.subarray(from), want });
    this.#read = ids;
    return output.scores![scoresName];
  }

  /** Leaves the decoder open. */
  close(): void {
    this.#sequence?.close();
    this.#sequence = undefined;
    this.#read = new Int32Array();
  }
}

/** [layers x heads x S]: the best token of each sentence. @param scores layer -> [heads, T] */
function bestTokens(
  scores: ReadonlyMap<number, Float32Array>,
  sentences: readonly { readonly from: number; readonly to: number }[],
  heads: number,
): Float32Array {
  const worths = new Float32Array(scores.size * heads * sentences.length);
  let at = 0;
  for (let layer = 0; layer < scores.size; layer++) {
    const layerScores = scores.get(layer)!;
    const columns = layerScores.length / heads;
    for (let head = 0; head < heads; head++)
      for (const { from, to } of sentences) {
        let best = 0;
        for (let i = head * columns + from; i < head * columns + to; i++)
          if (layerScores[i] > best) best = layerScores[i];
        worths[at++] = best;
      }
  }
  return worths;
}
