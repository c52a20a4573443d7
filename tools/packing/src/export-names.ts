import { join } from 'node:path';
import ts from 'typescript';
import { type PublicPackage, publicPackages } from './packages/public-packages.js';

/** Names that each entry point of a package exports, `type` before those that are types alone. */
export type ExportNames = { readonly [entryPoint: string]: readonly string[] };

/** Reads the sources of every public package, by package name. */
export function exportNames(root: string): Map<string, ExportNames> {
  const packages = publicPackages(root);
  const program = ts.createProgram(
    packages.flatMap((one) => sourcesOf(one).map(([, file]) => file)),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      noLib: true,
      types: [],
    },
  );
  const checker = program.getTypeChecker();
  const namesIn = (file: string) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!);
    if (!module) throw new Error(`${file} exports nothing`);
    return checker
      .getExportsOfModule(module)
      .map((symbol) => nameOf(symbol, checker))
      .sort();
  };
  return new Map(
    packages.map((one) => [
      one.manifest.name,
      Object.fromEntries(sourcesOf(one).map(([name, file]) => [name, namesIn(file)])),
    ]),
  );
}

/** The entry points of a package, each with its source file. */
function sourcesOf({ folder, manifest }: PublicPackage): [string, string][] {
  return Object.entries(manifest.exports ?? {}).flatMap(([path, target]) => {
    const source = typeof target === 'object' ? target['@pliant/source'] : undefined;
    return source ? [[manifest.name + path.slice(1), join(folder, source)]] : [];
  });
}

function nameOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  const { flags } = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  const isType =
    (flags & ts.SymbolFlags.Value) === 0 ||
    symbol.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration) === true;
  return isType ? `type ${symbol.name}` : symbol.name;
}
