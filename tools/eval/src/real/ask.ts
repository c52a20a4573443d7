import {
  type Capability,
  type Decoder,
  type Middleware,
  type Pipeline,
  PliantError,
  pipeline,
  type Tokenizer,
} from '@pliant/core';
import { answerStands } from './answer-stands.js';
import { watchEvidence } from './evidence-kept.js';
import type { Question, RealDocument } from './questions/documents.js';
import { askIn } from './questions/forms.js';
import { hash } from './questions/hash.js';
import type { RealAnswer } from './report/results.js';

/** Tokens of an answer at most. */
const maxNewTokens = 24;

export interface AskOptions {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly document: RealDocument;
  readonly question: Question;
  /**
   * Called late: a wrong `keep` of a method is an answer that failed, as anything that it refuses
   * is.
   */
  readonly middlewares: () => readonly Middleware<string, Capability>[];
}

/** Asks one method a question. Returns its greedy answer and what that took. */
export async function ask({
  decoder,
  tokenizer,
  document,
  question,
  middlewares,
}: AskOptions): Promise<
  Pick<RealAnswer, 'right' | 'text' | 'tokens' | 'tokensKept' | 'ttft' | 'evidence' | 'error'>
> {
  let evidence: number | undefined;
  try {
    let stack: Pipeline<Capability, unknown> = pipeline(decoder, { tokenizer });
    for (const middleware of middlewares()) stack = stack.use(middleware);
    stack = stack.use(
      watchEvidence(document.text, question.evidence, (share) => {
        evidence = share;
      }),
    );
    const messages = askIn(question.form, document.text, question.question);
    const seed = hash(question.id);
    const { text, metrics } = await stack.generate({ messages }, { maxNewTokens, seed });
    return {
      right: question.answers.some((answer) => answerStands(answer, text)),
      text,
      tokens: metrics.promptTokens,
      tokensKept: metrics.promptTokensKept,
      ttft: Math.round(metrics.timeToFirstTokenMs),
      evidence: Math.round(evidence! * 1000) / 1000,
    };
  } catch (error) {
    if (!(error instanceof PliantError)) throw error;
    return { right: false, text: '', error: `${error.name}: ${error.message}` };
  }
}
