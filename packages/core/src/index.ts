export {
  asGiven,
  decoderSchema,
  functionSchema,
  objectWith,
  pathSchema,
  tokenizerSchema,
} from './checks/argument-schemas.js';
export { type LogitsSource, mostProbable } from './checks/check-logits.js';
export { checkSkippedLayers } from './checks/check-skipped-layers.js';
export { rowsBefore } from './checks/kept-rows.js';
export type { ModelDescriptor } from './checks/model-descriptor.js';
export { parseArguments, parseOptions } from './checks/parse-options.js';
export { requireCapability } from './checks/require-capability.js';
export { show } from './checks/show.js';
export type { CacheEdit, CacheView, EditMoment, KeepEdit, Phase } from './contract/cache.js';
export type { Capabilities, Capability } from './contract/capability.js';
export type {
  Decoder,
  DecoderShape,
  ForwardInput,
  ForwardOutput,
  OpenOptions,
  Sequence,
  Want,
} from './contract/decoder.js';
export type { Distribution } from './contract/distribution.js';
export {
  InvalidArgumentError,
  InvalidOptionsError,
  type Issue,
  LogitsError,
  MiddlewareError,
  MissingCapabilityError,
  PliantError,
  PromptError,
  SavedGenerationError,
  StackError,
  StateError,
  TensorFileError,
} from './contract/errors.js';
export type { BlockInfluences } from './contract/evidence/block-influences.js';
export { type EvidenceGiven, poolEvidence } from './contract/evidence/evidence.js';
export type { HiddenRowsRequest } from './contract/evidence/hidden-rows.js';
export type { ScoresRequest } from './contract/evidence/scores.js';
export type { GenerateOptions, Generation, Step } from './contract/generation.js';
export {
  type AnyMiddleware,
  type CacheBounds,
  type Choice,
  type DrawnTokens,
  deadEnd,
  type Forward,
  type Hooks,
  type Middleware,
  type Run,
} from './contract/middleware.js';
export type {
  FinishReason,
  Metrics,
  PrefillPart,
  Result,
  StreamPart,
  Warning,
} from './contract/result.js';
export type {
  ChatPrompt,
  EncodedPrompt,
  IdsPrompt,
  Message,
  MessageInput,
  Prompt,
  PromptSpan,
  ReadingOptions,
  TextPart,
  TextPrompt,
  TextSection,
  TokenizedText,
  Tokenizer,
} from './contract/tokenizer.js';
export type { Truncation } from './contract/truncation.js';
export type { WrittenAhead } from './contract/written-ahead.js';
export { checkDraftVocabulary, warnOfEarlyExit } from './drafts/check-draft.js';
export { readChunks } from './drafts/read-chunks.js';
export { type Pipeline, type PipelineOptions, pipeline, stepAll } from './pipeline.js';
export { checkMessages } from './prompt/check-messages.js';
export { encodePromptWithin, type LongReading } from './prompt/encode-long.js';
export { encodePrompt } from './prompt/encode-prompt.js';
export { shareOf } from './prompt/share-of.js';
export { argmax } from './sampling/argmax.js';
export { randomStream } from './sampling/random.js';
export { StepDistribution } from './sampling/step-distribution.js';
export { readTensorFile, type SafeTensors, type SavedTensor } from './saving/safetensors.js';
