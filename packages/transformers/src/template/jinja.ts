import * as library from '@huggingface/jinja';

/** A value of a template while it runs. */
export interface Value {
  readonly type: string;
  readonly value: unknown;
}

/** A node of a template's syntax tree. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The variables of a template. */
export interface Scope {
  set(name: string, value: unknown): unknown;
}

interface InterpreterClass {
  new (
    global: Scope,
  ): {
    run(program: Node): Value;
    /** Every node passes through here. */
    evaluate(node: Node | undefined, scope: Scope): Value;
  };
}

/**
 * The part of the template engine of transformers.js that is used. Its own declarations import
 * without file extensions, which Node's resolution does not find.
 */
export const { Interpreter, Environment, Template, parse, tokenize } = library as unknown as {
  readonly Interpreter: InterpreterClass;
  readonly Environment: new () => Scope;
  readonly Template: new (source: string) => { render(values: Record<string, unknown>): string };
  parse(tokens: readonly unknown[]): Node;
  tokenize(
    source: string,
    options: { readonly lstrip_blocks: boolean; readonly trim_blocks: boolean },
  ): readonly unknown[];
};
