import { codeBlocks } from '@pliant/docs';

/** What a README tells its reader to install beside the package, and the overrides that it asks for. */
export interface InstallAdvice {
  /** Arguments of `npm install` lines other than options and our own packages: `zod`, `@xenova/transformers@2`. */
  readonly packages: readonly string[];
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** Reads the shell and JSON code blocks of a README. */
export function installAdvice(readme: string): InstallAdvice {
  const blocks = codeBlocks(readme);
  const packages = blocks
    .filter(({ language }) => ['bash', 'sh', 'shell', 'console', ''].includes(language))
    .flatMap(({ code }) => code.split('\n'))
    .flatMap(
      (line) =>
        /^[\s$]*(?:\w+=\S+\s+)*npm (?:i|install|add)\s([^#]*)/
          .exec(line)?.[1]
          ?.trim()
          .split(/\s+/) ?? [],
    )
    .filter((argument) => !argument.startsWith('-') && !argument.startsWith('@pliant/'));
  const overrides = blocks
    .filter(({ language, code }) => language === 'json' && code.includes('"overrides"'))
    .map(({ code }) => (JSON.parse(code) as { overrides: Record<string, unknown> }).overrides);
  return { packages: [...new Set(packages)], overrides: Object.assign({}, ...overrides) };
}
