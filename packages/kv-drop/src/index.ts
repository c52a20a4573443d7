export { type KvDropOptions, kvDrop, kvDropOptions } from './kv-drop.js';
export { type ExpectedAttentionOptions, expectedAttention } from './policies/expected-attention.js';
export { type H2OOptions, h2o } from './policies/h2o.js';
export { keyDiff } from './policies/key-diff.js';
export { knorm } from './policies/knorm.js';
export { type LagKVOptions, lagKV } from './policies/lag-kv.js';
export { observedAttention } from './policies/observed-attention.js';
export { type PyramidKVOptions, pyramidKV } from './policies/pyramid-kv.js';
export { randomRows } from './policies/random-rows.js';
export { type SnapKVOptions, snapKV } from './policies/snap-kv.js';
export { type SpecKVOptions, specKV } from './policies/spec-kv.js';
export { type StreamingLLMOptions, streamingLLM } from './policies/streaming-llm.js';
export { tova } from './policies/tova.js';
export {
  makePolicy,
  type PolicyEntry,
  type PolicyName,
  type PolicyWrapperEntry,
  type PolicyWrapperName,
  policies,
  policyWrappers,
} from './registry.js';
export type { LayerRows, Lookahead, Policy } from './scoring/policy.js';
export { type ChunkedOptions, chunked } from './wrappers/chunked.js';
export { type LayerShares, layerBudgets } from './wrappers/layer-budgets.js';
export { type ProtectRowsOptions, protectRows } from './wrappers/protect-rows.js';
