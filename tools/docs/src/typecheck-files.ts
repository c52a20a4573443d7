import ts from 'typescript';

/** Compiles the files as a strict consumer would. Returns a line for each problem. */
export function typecheckFiles(
  files: readonly string[],
  { skipLibCheck }: { skipLibCheck: boolean },
): string[] {
  const program = ts.createProgram(files, {
    strict: true,
    // Options that careful users add.
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  });
  return ts.getPreEmitDiagnostics(program).map(describeDiagnostic);
}

function describeDiagnostic({ file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n  ');
  if (file === undefined || start === undefined) {
    return message;
  }
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1} ${message}`;
}
