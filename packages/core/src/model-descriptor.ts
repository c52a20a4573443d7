import type { Capability } from './capability.js';

/** What a model package exports: where its files are and what is known of it before it is read. */
export interface ModelDescriptor<Have extends Capability = Capability> {
  readonly id: string;
  /** Absolute path of the folder with config.json and tokenizer.json. Nothing outside of it is opened. */
  readonly folder: string;
  /** The ONNX file, relative to `folder`. */
  readonly file: string;
  /** Verified when the decoder opens. */
  readonly capabilities: readonly Have[];
  /** Measured options for middlewares on this model, by middleware name. */
  readonly defaults?: { readonly [middleware: string]: unknown };
}
