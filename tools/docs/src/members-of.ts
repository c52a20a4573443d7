import ts from 'typescript';

/** Names of the members of a type that a source file exports, inherited ones included, sorted. */
export function membersOf(file: string, type: string): string[] {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noLib: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!);
  const exported = module ? checker.getExportsOfModule(module) : [];
  const symbol = exported.find(({ name }) => name === type);
  if (!symbol) throw new Error(`${file} exports no ${type}`);
  const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker
    .getDeclaredTypeOfSymbol(declared)
    .getProperties()
    .map(({ name }) => name)
    .sort();
}
