/** Sizes that config.json states. Each is absent if the file states nothing usable. */
export interface ModelConfig {
  readonly layers?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headDim?: number;
  readonly hidden?: number;
  readonly vocabulary?: number;
  readonly maxPositions?: number;
}

/**
 * Reads a parsed config.json in the form of Hugging Face. Of a multimodal model it reads the text
 * part.
 */
export function readModelConfig(config: unknown): ModelConfig {
  const root = asRecord(config);
  const text = { ...root, ...asRecord(root.text_config) };
  const heads = positiveInteger(text.num_attention_heads);
  const hidden = positiveInteger(text.hidden_size);
  return {
    layers: positiveInteger(text.num_hidden_layers),
    heads,
    kvHeads: positiveInteger(text.num_key_value_heads),
    headDim:
      positiveInteger(text.head_dim) ??
      (heads && hidden && hidden % heads === 0 ? hidden / heads : undefined),
    hidden,
    vocabulary: positiveInteger(text.vocab_size),
    maxPositions: positiveInteger(text.max_position_embeddings),
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function positiveInteger(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
