import type { Capability } from './capability.js';

const marker = Symbol.for('pliant.error');

/**
 * Marks are looked up by `Symbol.for`, so that `isInstance` also knows errors of a second copy of
 * this package.
 */
function isMarked(error: unknown, name: string): boolean {
  const marks = (error as { [marker]?: ReadonlySet<string> } | null | undefined)?.[marker];
  return marks?.has(name) ?? false;
}

/** Base of all errors thrown by the packages. */
export class PliantError extends Error {
  readonly [marker]: ReadonlySet<string>;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    const names = new Set<string>();
    for (
      let type: { name: string } = new.target;
      type.name && type !== Error;
      type = Object.getPrototypeOf(type)
    )
      names.add(type.name);
    this[marker] = names;
    this.name = new.target.name;
  }
  static isInstance<T>(this: new (...parameters: never[]) => T, error: unknown): error is T {
    return isMarked(error, this.name);
  }
}

/** One wrong value: its path in the argument, and what it should be. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** An option that is wrong where it was written. `issues` has a line per problem, with its path. */
export class InvalidOptionsError extends PliantError {
  constructor(
    readonly where: string,
    readonly issues: readonly Issue[],
    kind: 'option' | 'argument' = 'option',
  ) {
    super(describe(where, kind, issues));
  }
}

/** An argument, not only an option of it, that is not what the function takes. */
export class InvalidArgumentError extends InvalidOptionsError {
  constructor(where: string, issues: readonly Issue[]) {
    super(where, issues, 'argument');
  }
}

function describe(where: string, kind: string, issues: readonly Issue[]): string {
  const lines = issues.map(({ path, message }) =>
    path ? `${kind} '${path}': ${message}` : message,
  );
  return `${where}: ${lines.join('; ')}`;
}

/** A prompt that cannot be run: empty, or longer than the model's context. */
export class PromptError extends PliantError {}

/**
 * A middleware stack that cannot work: a name used twice, a declared conflict, a draft with another
 * vocabulary.
 */
export class StackError extends PliantError {
  constructor(
    readonly middleware: string,
    message: string,
  ) {
    super(`middleware '${middleware}': ${message}`);
  }
}

/** The decoder lacks what a middleware (or a call) needs. `hint` is the way out. */
export class MissingCapabilityError extends PliantError {
  constructor(
    readonly middleware: string,
    readonly capability: Capability,
    readonly decoder: string,
    readonly hint: string,
  ) {
    super(`'${middleware}' needs '${capability}', which decoder '${decoder}' lacks. ${hint}`);
  }
}

/** A hook threw, or broke a rule of the pipeline. */
export class MiddlewareError extends PliantError {
  constructor(
    readonly middleware: string,
    readonly phase: string,
    readonly step: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`middleware '${middleware}', ${phase}, step ${step}: ${message}`, options);
  }
}

/**
 * A model gave logits that no token can be chosen by. `position` is that of the token whose forward
 * gave them.
 */
export class LogitsError extends PliantError {
  constructor(
    readonly decoder: string,
    readonly position: number,
    problem: string,
  ) {
    super(
      `decoder '${decoder}' gave logits that are not finite numbers in the forward of the token at position ${position}: ${problem}. Its weights are damaged, or it overflows in the precision that it runs in; take another export of the model`,
    );
  }
}

/**
 * A file that `load` cannot go on from: missing, damaged, of another version, of another model, or
 * not a saved generation at all; or one that `save` cannot write.
 */
export class SavedGenerationError extends PliantError {
  constructor(
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${message}`, options);
  }
}

/**
 * A file of tensors that cannot be read: damaged, of another format, or with other tensors than
 * expected.
 */
export class TensorFileError extends PliantError {
  constructor(
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${message}`, options);
  }
}

/** A generation or sequence used after it was closed, or while a step was under way. */
export class StateError extends PliantError {}
