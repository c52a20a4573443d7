import {
  type ConstrainOptions,
  constrain,
  type JsonSchemaOptions,
  jsonSchema,
} from '@pliant/constrain';
import {
  type Decoder,
  type FinishReason,
  PliantError,
  pipeline,
  randomStream,
  type Tokenizer,
} from '@pliant/core';
import { type SchemaCase, schemaOf } from './case-set.js';
import { independentValidator } from './independent-validator.js';
import { timedConstraint } from './timed-constraint.js';

export interface GeneratedValue {
  readonly id: string;
  readonly seed: number;
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly tokens: number;
  /**
   * By ajv, of one that ended: formats ignored, and asserted. 'unknown' where ajv cannot compile
   * the schema.
   */
  readonly valid: boolean | 'unknown' | undefined;
  readonly validWithFormats: boolean | 'unknown' | undefined;
  readonly checksPerToken: number;
  readonly forwardsSaved: number;
  readonly constraintMs: number;
  readonly decodeMs: number;
  readonly logWeight: number;
  readonly warnings: readonly string[];
}

export interface GenerateValues {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly cases: readonly SchemaCase[];
  readonly count: number;
  readonly maxNewTokens: number;
  readonly seed: number;
  readonly json: JsonSchemaOptions;
  readonly constrain: ConstrainOptions;
}

/** Characters of the schema, and of an instance, that the prompt shows. */
const shown = 1_000;

/**
 * Lets the model write values of random schemas at temperature 1, one after the other. Schemas that
 * are refused are passed over.
 */
export async function* generateValues(settings: GenerateValues): AsyncGenerator<GeneratedValue> {
  const { decoder, tokenizer, cases, count, maxNewTokens } = settings;
  for (let i = 0, seed = settings.seed; i < count; seed++) {
    const schemaCase = cases[Math.floor(randomStream(seed, 'schema')() * cases.length)];
    const constraint = compile(schemaCase, settings.json);
    if (!constraint) continue;
    i++;
    const { timed, times } = timedConstraint(constraint);
    const stack = pipeline(decoder, { tokenizer }).use(constrain(timed, settings.constrain));
    const started = performance.now();
    const result = await stack.generate(
      { messages: [{ role: 'user', content: promptFor(schemaCase) }] },
      { maxNewTokens, temperature: 1, seed },
    );
    const decodeMs = performance.now() - started - result.metrics.timeToFirstTokenMs;
    const ended = result.finishReason === 'stop';
    const own = result.metrics.middlewares.constrain ?? {};
    yield {
      id: schemaCase.id,
      seed,
      text: result.text,
      finishReason: result.finishReason,
      tokens: result.tokens.length,
      valid: ended ? judge(schemaCase, 'ignored', result.text) : undefined,
      validWithFormats: ended ? judge(schemaCase, 'asserted', result.text) : undefined,
      checksPerToken: own.checksPerToken ?? 0,
      forwardsSaved: own.forwardsSaved ?? 0,
      constraintMs: times.ms,
      decodeMs,
      logWeight: result.logWeight,
      warnings: result.warnings.map(({ details, feature }) => details ?? feature),
    };
  }
}

/** The schema and its shortest valid instance. */
function promptFor(schemaCase: SchemaCase): string {
  const schema = JSON.stringify(schemaOf(schemaCase)).slice(0, shown);
  const [example] = schemaCase.tests
    .filter(({ valid }) => valid)
    .map(({ text }) => text)
    .sort((a, b) => a.length - b.length);
  return [
    'Write a short JSON value that satisfies this JSON Schema, and nothing else:',
    schema,
    ...(example === undefined ? [] : ['An example of another one:', example.slice(0, shown)]),
  ].join('\n');
}

function compile(schemaCase: SchemaCase, options: JsonSchemaOptions) {
  try {
    return jsonSchema(schemaOf(schemaCase), options);
  } catch (error) {
    if (PliantError.isInstance(error)) return undefined;
    throw error;
  }
}

function judge(
  schemaCase: SchemaCase,
  formats: 'asserted' | 'ignored',
  text: string,
): boolean | 'unknown' {
  let validate: ReturnType<typeof independentValidator>;
  try {
    validate = independentValidator(schemaCase, formats);
  } catch {
    return 'unknown';
  }
  try {
    return validate(JSON.parse(text)) === true;
  } catch {
    return false;
  }
}
