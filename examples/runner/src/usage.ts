import { readFileSync } from 'node:fs';

export const usage = `npm start -- [compare | run | inspect] [options]

  compare   the plain run beside the stack (default)
  run       the stack alone; plain when --stack is not given
  inspect   what the model can do, and for what it cannot the way out; takes --model alone

  --prompt FILE|-         document to read (default: a chapter of Alice in Wonderland)
  --question TEXT         asked after the document
  --stack a,b,c           prompt-compress, kv-drop, layer-skip, constrain (default for compare: these four), prompt-lookup,
                          self-speculate
  --set NAME.OPTION=VALUE an option of a middleware, e.g. kv-drop.policy=snapKV, kv-drop.policy.window=16,
                          kv-drop.policy.chunked.size=20 (or protectRows, layerBudgets, around it),
                          kv-drop.budget={"ratio":0.25}, kv-drop.every=64, kv-drop.betweenChunks=true,
                          kv-drop.positions=renumber, layer-skip.skip=2, layer-skip.selector=promptInfluence,
                          prompt-lookup.ngram=2, self-speculate.draftTokens=3,
                          prompt-compress.draft=10 (layers of the draft), constrain.regex=[0-9]{5},
                          constrain.schema=FILE (or JSON), constrain.grammar=FILE, constrain.choice=["yes","no"]
  --model FOLDER          a folder with config.json, tokenizer.json and an ONNX file (default: the embedded model)
  --endpoint URL          an OpenAI-compatible server that answers instead, such as http://localhost:8080/v1; the model here only
                          shortens the prompt (--stack prompt-compress, default for compare), which is sent as text. The answer is not
                          streamed, and waited for for five minutes at most; a busy server (429, 503) is asked again twice.
                          The environment variable PLIANT_API_KEY, where it is set, is sent as its Bearer token
  --endpoint-model NAME   which model of that server (default: the server's own)
  --max-new-tokens N      default 48
  --temperature T         default 0: greedy
  --seed N                default 0
  --json FILE|-           results and metrics as JSON; - is standard output, and the rest goes to standard error
  -h, --help              this text
  --version               name and version
`;

export function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { name, version: own } = JSON.parse(manifest) as { name: string; version: string };
  return `${name} ${own}`;
}
