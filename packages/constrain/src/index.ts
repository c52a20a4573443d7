export { constrain } from './constrain.js';
export { allOf } from './constraints/all-of.js';
export { anyOf } from './constraints/any-of.js';
export { choice } from './constraints/choice.js';
export { type ExtractOptions, extract } from './constraints/extract.js';
export { type GrammarOptions, grammar } from './constraints/grammar.js';
export { type JsonSchemaOptions, jsonSchema } from './constraints/json-schema.js';
export { not } from './constraints/not.js';
export {
  type AsyncTextPredicate,
  type PredicateOptions,
  predicate,
  type TextPredicate,
} from './constraints/predicate.js';
export { regex } from './constraints/regex.js';
export {
  type ConstraintName,
  constraints,
  makeConstraint,
} from './constraints/registry.js';
export { accepts, isViablePrefix } from './contract/accepts.js';
export type { AsyncConstraint, Constraint } from './contract/constraint.js';
export { isInMask, tokenMask } from './contract/token-mask.js';
export { type TokenTrie, tokenTrie } from './contract/token-trie.js';
export {
  type AwrsOptions,
  type ConstrainOptions,
  constrainOptions,
  type GeometricOptions,
  type MaskOptions,
} from './generation/constrain-options.js';
export { GrammarError, GrammarLimitError } from './grammar/rules/grammar-error.js';
export { SchemaError } from './json/schema/schema-error.js';
export { UnsupportedSchemaError } from './json/schema/unsupported-schema-error.js';
export { UnsupportedPatternError } from './regex/syntax/unsupported-pattern-error.js';
export { type AwrsSampling, awrs, type SamplingLimits } from './samplers/awrs.js';
export { type GeometricSampling, geometric } from './samplers/geometric.js';
export { masked } from './samplers/masked.js';
export type { Critic, JudgedText } from './smc/critic.js';
export type { Resampling } from './smc/resample.js';
export type { SmcMetrics, SmcParticle, SmcResult, WeightedText } from './smc/smc-result.js';
export { type Smc, type SmcGenerateOptions, type SmcOptions, smc } from './smc.js';
