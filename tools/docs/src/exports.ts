import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The sources behind the entry points of the packages, as the compiler knows them. */
export class Exports {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  /** @param folders of packages, absolute */
  constructor(folders: readonly string[]) {
    this.#program = ts.createProgram(folders.flatMap(entriesOf), {
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      customConditions: ['@pliant/source'],
      types: ['node'],
    });
    this.#checker = this.#program.getTypeChecker();
  }

  /** Names of the functions, classes and other values that the entry points of a package export, sorted. */
  valuesOf(folder: string): string[] {
    return this.#symbolsOf(folder)
      .filter((symbol) => (this.#declared(symbol).flags & ts.SymbolFlags.Value) !== 0)
      .map(({ name }) => name)
      .sort();
  }

  /** Names of the members of a type that a package exports, sorted. */
  membersOf(folder: string, type: string): string[] {
    const symbol = this.#symbolsOf(folder).find(({ name }) => name === type);
    if (!symbol) throw new Error(`${folder} exports no ${type}`);
    const members = this.#checker.getDeclaredTypeOfSymbol(this.#declared(symbol)).getProperties();
    return members.map(({ name }) => name).sort();
  }

  #symbolsOf(folder: string): ts.Symbol[] {
    return entriesOf(folder).flatMap((entry) => {
      const file = this.#program.getSourceFile(entry);
      const module = file && this.#checker.getSymbolAtLocation(file);
      if (!module) throw new Error(`${entry} is not a module`);
      return this.#checker.getExportsOfModule(module);
    });
  }

  /** What an exported name stands for. */
  #declared(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }
}

/** Source files of a package's entry points. */
function entriesOf(folder: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.values<{ '@pliant/source'?: string }>(exports).flatMap(
    ({ '@pliant/source': source }) => (source === undefined ? [] : [join(folder, source)]),
  );
}
