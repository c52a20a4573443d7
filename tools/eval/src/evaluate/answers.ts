/** One answer and its marks. */
export interface Answer {
  readonly task: string;
  readonly seed: number;
  /** `full`, or a method's name. */
  readonly method: string;
  /** null for `full`. */
  readonly budget: number | null;
  readonly text: string;
  /** Share of the right answers in the text, 0 to 1. */
  readonly stringMatch: number;
  /** KL(full || method) in nats, mean over the tokens of the full cache's answer. */
  readonly kl: number;
  /** Share of those tokens that the method would have chosen, 0 to 1. */
  readonly topOne: number;
}

/** A prompt and what every method answered. */
export interface PromptAnswers {
  readonly task: string;
  readonly seed: number;
  readonly promptTokens: number;
  /** Texts that should be in the answer. */
  readonly answers: readonly string[];
  /** Tokens that fidelity is measured on. */
  readonly answerTokens: number;
  /** The full run's first. */
  readonly marked: readonly Answer[];
}
