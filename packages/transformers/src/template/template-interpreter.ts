import { Interpreter, type Node, type Scope, type Value } from './jinja.js';
import type { TemplateBudget } from './template-budget.js';

type Call = (args: Value[], scope: Scope) => Value;

/** Stands in a syntax tree for a value that was computed already. */
const computed = 'Computed';

/** Operations that make much output of little input. They are checked before they run. */
const growing: ReadonlySet<string> = new Set(['join', 'replace', 'indent', 'tojson']);
const checkedMethods: ReadonlySet<string> = new Set(['replace', 'split']);

/**
 * The library's interpreter under a budget: it counts its steps, and what is about to grow too
 * large is refused before it is made.
 */
export class TemplateInterpreter extends Interpreter {
  readonly #budget: TemplateBudget;

  constructor(global: Scope, budget: TemplateBudget) {
    super(global);
    this.#budget = budget;
  }

  override evaluate(node: Node | undefined, scope: Scope): Value {
    if (node?.type === computed) return node.value as Value;
    this.#budget.step();
    const value = this.#evaluate(node, scope);
    this.#weigh(value);
    return value;
  }

  #evaluate(node: Node | undefined, scope: Scope): Value {
    if (node?.type === 'FilterExpression') return this.#filter(node, scope);
    if (node?.type === 'FilterStatement') {
      const operand = this.#run({ type: 'Program', body: node.body }, scope);
      return this.#filter(
        { type: 'FilterExpression', operand: known(operand), filter: node.filter },
        scope,
      );
    }
    if (node?.type === 'MemberExpression') return this.#member(node, scope);
    return this.#run(node, scope);
  }

  #run(node: Node | undefined, scope: Scope): Value {
    return super.evaluate(node, scope);
  }

  #filter(node: Node, scope: Scope): Value {
    const filter = node.filter as Node;
    const name = ((filter.type === 'CallExpression' ? filter.callee : filter) as Node).value;
    if (typeof name !== 'string' || !growing.has(name)) return this.#run(node, scope);
    const operand = this.evaluate(node.operand as Node, scope);
    const args = ((filter.args ?? []) as Node[]).map((argument) => this.#argument(argument, scope));
    const values = args.map(({ value }) => value);
    this.#requireRoom(name, operand, values);
    const nodes = args.map((argument) => argument.node);
    const known_ = filter.type === 'CallExpression' ? { ...filter, args: nodes } : filter;
    return this.#run({ ...node, operand: known(operand), filter: known_ }, scope);
  }

  /** An argument computed, and the node to put in its place. */
  #argument(node: Node, scope: Scope): { readonly value: Value; readonly node: Node } {
    const field =
      node.type === 'KeywordArgumentExpression'
        ? 'value'
        : 'argument' in node
          ? 'argument'
          : undefined;
    const value = this.evaluate((field ? node[field] : node) as Node, scope);
    return { value, node: field ? { ...node, [field]: known(value) } : known(value) };
  }

  /**
   * Methods of texts that make much of little are looked at when they are called, under whatever
   * name.
   */
  #member(node: Node, scope: Scope): Value {
    const property = node.property as Node;
    const isName = property.type === 'Identifier' || property.type === 'StringLiteral';
    const isPlain = isName
      ? node.computed && property.type === 'Identifier'
        ? false
        : !checkedMethods.has(String(property.value))
      : property.type === 'IntegerLiteral' || property.type === 'SliceExpression';
    if (isPlain) return this.#run(node, scope);
    const object = this.evaluate(node.object as Node, scope);
    const name = node.computed ? this.evaluate(property, scope) : undefined;
    const member = this.#run(
      { ...node, object: known(object), property: name ? known(name) : property },
      scope,
    );
    const method = String(name ? name.value : property.value);
    if (
      object.type !== 'StringValue' ||
      member.type !== 'FunctionValue' ||
      !checkedMethods.has(method)
    )
      return member;
    const call = member.value as Call;
    const Type = member.constructor as new (call: Call) => Value;
    return new Type((args, inner) => {
      this.#requireRoom(method, object, args);
      const result = call(args, inner);
      this.#weigh(result);
      return result;
    });
  }

  #requireRoom(name: string, operand: Value, given: readonly Value[]): void {
    const args = given.flatMap(partsOf);
    const texts = args
      .filter(({ type }) => type === 'StringValue')
      .map((text) => String(text.value));
    const numbers = args.flatMap(numbersIn);
    const weight = this.#weigh(operand);
    if (name === 'join')
      this.#budget.characters(
        weight + entries(operand) * Math.max(0, ...args.map((a) => this.#weigh(a))),
      );
    else if (name === 'indent')
      this.#budget.characters(
        weight + count(String(operand.value), '\n') * Math.max(4, ...numbers),
      );
    else if (name === 'tojson')
      this.#budget.characters(weight * (1 + Math.max(0, ...numbers) * (1 + depthOf(operand))));
    else if (operand.type === 'StringValue' && texts.length > 0) {
      const times = count(String(operand.value), texts[0]);
      if (name === 'split') this.#budget.items(times);
      else this.#budget.characters(weight + times * (texts[1]?.length ?? 0));
    } else if (name === 'split') this.#budget.items(count(String(operand.value), ' '));
  }

  /** Characters of a text, or of all that a list or mapping holds. */
  #weigh(value: Value): number {
    const inner: unknown = value.value;
    if (typeof inner === 'string') {
      this.#budget.characters(inner.length);
      return inner.length;
    }
    // A namespace can change, so its weight is not known when it is put somewhere.
    if (value.type === 'NamespaceValue') {
      for (const part of (inner as Map<string, Value>).values()) refuseNamespace(part);
      return 1;
    }
    if (!Array.isArray(inner) && !(inner instanceof Map)) return 1;
    return this.#budget.weigh(inner, () => {
      let weight = 1;
      const parts: Iterable<Value> = Array.isArray(inner) ? (inner as Value[]) : inner.values();
      this.#budget.items(Array.isArray(inner) ? inner.length : inner.size);
      for (const part of parts) {
        refuseNamespace(part);
        weight += 1 + this.#weigh(part);
      }
      if (inner instanceof Map) for (const key of inner.keys()) weight += String(key).length;
      return weight;
    });
  }
}

function known(value: Value): Node {
  return { type: computed, value };
}

function refuseNamespace({ type }: Value): void {
  if (type === 'NamespaceValue')
    throw new Error('a namespace in a list, a mapping or another namespace is not supported');
}

/** Each value of an unpacked argument or of named ones; else the value itself. */
function partsOf(value: Value): Value[] {
  const inner: unknown = value.value;
  return Array.isArray(inner) || inner instanceof Map
    ? [...(inner.values() as Iterable<Value>)]
    : [value];
}

function entries({ value }: Value): number {
  const inner: unknown = value;
  return Array.isArray(inner) || typeof inner === 'string' ? inner.length : 1;
}

/** Occurrences, and one more. */
function count(text: string, part: string): number {
  if (part === '') return text.length + 1;
  let times = 1;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) times++;
  return times;
}

function numbersIn({ value }: Value): number[] {
  const inner: unknown = value;
  return typeof inner === 'number' && Number.isFinite(inner) ? [Math.max(0, inner)] : [];
}

function depthOf(value: Value, depth = 0): number {
  const inner: unknown = value.value;
  if (depth > 64 || (!Array.isArray(inner) && !(inner instanceof Map))) return depth;
  let most = depth;
  for (const part of inner.values() as Iterable<Value>)
    most = Math.max(most, depthOf(part, depth + 1));
  return most;
}
