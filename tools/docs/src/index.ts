export { codeBlocks, type Example, examplesOf } from './examples.js';
export { type ExampleOutput, runExample } from './run-example.js';
export { typecheckFiles } from './typecheck-files.js';
