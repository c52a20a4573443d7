/**
 * The fields of tokenizer_config.json and special_tokens_map.json that name a control token each.
 */
export const specialTokenNames = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
];
