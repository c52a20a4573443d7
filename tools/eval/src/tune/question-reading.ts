/**
 * The attention of every head of a model to the sentences of a document when a question on it is
 * asked.
 */
export interface QuestionReading {
  /** The question's. */
  readonly id: string;
  /** The document's id: questions on one document are not independent of each other. */
  readonly document: string;
  /** [S], tokens of each sentence. */
  readonly lengths: readonly number[];
  /** Sentences that hold the evidence, as indices below S; at least one. */
  readonly evidence: readonly number[];
  /**
   * [layers x heads x S]: the most attention that a token of the sentence gets from a token of the
   * question.
   */
  readonly worths: Float32Array;
}
