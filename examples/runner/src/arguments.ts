import { parseArgs } from 'node:util';
import type { MiddlewareName, Settings } from '@pliant/presets';
import { parseStack } from '@pliant/presets/command-line';
import { type Endpoint, parseEndpoint } from './endpoint/endpoint.js';
import { asUsage, UsageError } from './usage-error.js';

const compared: readonly MiddlewareName[] = [
  'prompt-compress',
  'kv-drop',
  'layer-skip',
  'constrain',
];

/** Middlewares whose effect is a text, which can be sent to a server. */
const sendable: readonly MiddlewareName[] = ['prompt-compress'];

const commands = ['compare', 'run', 'inspect'] as const;

export interface Arguments {
  readonly command: (typeof commands)[number];
  readonly prompt?: string;
  readonly question?: string;
  readonly stack: readonly MiddlewareName[];
  readonly settings: Settings;
  readonly model?: string;
  /** The server that answers, if not the model here. */
  readonly endpoint?: Endpoint;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly json?: string;
}

/** @throws UsageError */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const [command = 'compare', ...rest] = positionals;
  if (!isOneOf(command, commands)) throw new UsageError(`'${command}' is not a command`);
  if (rest.length > 0) throw new UsageError(`'${rest[0]}' is one argument too many`);
  if (command === 'inspect') checkInspect(values);
  const endpoint = makeEndpoint(values);
  const usual = endpoint ? sendable : compared;
  const stack = values.stack ?? (command === 'compare' ? usual.join() : '');
  const { names, settings } = asUsage(() => parseStack(stack, values.set));
  if (endpoint) checkSendable(names);
  return {
    command,
    prompt: values.prompt,
    question: values.question,
    stack: names,
    settings,
    model: values.model,
    endpoint,
    maxNewTokens: number('max-new-tokens', values['max-new-tokens'] ?? '48'),
    temperature: number('temperature', values.temperature ?? '0'),
    seed: number('seed', values.seed ?? '0'),
    json: values.json,
  };
}

const string = { type: 'string' } as const;
const options = {
  prompt: string,
  question: string,
  stack: string,
  set: { type: 'string', multiple: true },
  model: string,
  endpoint: string,
  'endpoint-model': string,
  'max-new-tokens': string,
  temperature: string,
  seed: string,
  json: string,
} as const;

/** Finds what is asked for instead of a command, whatever else is given. */
export function askedFor(argv: readonly string[]): 'help' | 'version' | undefined {
  const { values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    strict: false,
    options: { ...options, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
  });
  return values.help ? 'help' : values.version ? 'version' : undefined;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `inspect` looks at a model, and at nothing that is done with it. */
function checkInspect(values: { readonly [option: string]: unknown }): void {
  const idle = Object.keys(values).find((option) => option !== 'model');
  if (idle)
    throw new UsageError(`--${idle} has no effect on inspect, which looks at the model here`);
}

function makeEndpoint(values: { endpoint?: string; 'endpoint-model'?: string }) {
  if (values.endpoint !== undefined)
    return parseEndpoint(values.endpoint, values['endpoint-model']);
  if (values['endpoint-model'] !== undefined)
    throw new UsageError('--endpoint-model has no effect without --endpoint');
  return undefined;
}

function checkSendable(names: readonly MiddlewareName[]): void {
  const inside = names.find((name) => !sendable.includes(name));
  if (inside)
    throw new UsageError(
      `'${inside}' works inside the model, which --endpoint runs elsewhere: leave it out of --stack; there ${sendable.join(', ')} can be used`,
    );
}

function isOneOf<T extends string>(value: string, list: readonly T[]): value is T {
  return list.some((item) => item === value);
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new UsageError(`--${name} takes a number, not '${text}'`);
  return value;
}
