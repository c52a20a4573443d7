const started = performance.now();
const { pipeline } = await import('@pliant/core');
const { openDecoder } = await import('@pliant/engine-ort');
const { smollm2 } = await import('@pliant/model-smollm2-135m');
const { openTokenizer } = await import('@pliant/transformers');
const imported = performance.now();
const decoder = await openDecoder(smollm2, { threads: 2 });
const opened = performance.now();
const tokenizer = await openTokenizer(smollm2);
const tokenizing = performance.now();
await pipeline(decoder, { tokenizer }).prepare();
const ready = performance.now();
console.log(
  JSON.stringify({
    importMs: imported - started,
    decoderMs: opened - imported,
    tokenizerMs: tokenizing - opened,
    sessionMs: ready - tokenizing,
    totalMs: ready - started,
  }),
);
await decoder.close();
