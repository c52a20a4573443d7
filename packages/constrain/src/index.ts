export { accepts, isViablePrefix } from './accepts.js';
export { type AllOfState, allOf } from './all-of.js';
export { type AnyOfState, anyOf } from './any-of.js';
export { choice } from './choice.js';
export { constrain } from './constrain.js';
export type {
  AwrsOptions,
  ConstrainOptions,
  GeometricOptions,
  MaskOptions,
} from './constrain-options.js';
export type { AsyncConstraint, Constraint } from './constraint.js';
export { type ExtractOptions, type ExtractState, extract } from './extract.js';
export { GrammarError, GrammarLimitError } from './grammar/grammar-error.js';
export { type GrammarOptions, grammar } from './grammar.js';
export { SchemaError } from './json/schema-error.js';
export { UnsupportedSchemaError } from './json/unsupported-schema-error.js';
export { type JsonSchemaOptions, jsonSchema } from './json-schema.js';
export { type NotState, not } from './not.js';
export {
  type AsyncTextPredicate,
  type PredicateOptions,
  type PredicateState,
  predicate,
  type TextPredicate,
} from './predicate.js';
export { UnsupportedPatternError } from './regex/unsupported-pattern-error.js';
export { regex } from './regex.js';
export { type AwrsSampling, awrs, type SamplingLimits } from './samplers/awrs.js';
export { type GeometricSampling, geometric } from './samplers/geometric.js';
export { masked } from './samplers/masked.js';
export type { Critic, JudgedText } from './smc/critic.js';
export type { Resampling } from './smc/resample.js';
export type { SmcMetrics, SmcParticle, SmcResult, WeightedText } from './smc/smc-result.js';
export { type Smc, type SmcGenerateOptions, type SmcOptions, smc } from './smc.js';
export type { TextRange } from './sorted-texts.js';
export { isInMask, tokenMask } from './token-mask.js';
export { type TokenTrie, tokenTrie } from './token-trie.js';
