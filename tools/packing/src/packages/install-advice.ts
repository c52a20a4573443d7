import { codeBlocks } from '@pliant/docs';

/**
 * Packages that a README tells its reader to install beside its own, and the overrides that it asks
 * for.
 */
export interface InstallAdvice {
  /**
   * Arguments of `npm i` lines other than options and our own packages: `zod`,
   * `@xenova/transformers@2`.
   */
  readonly packages: readonly string[];
  readonly overrides: Readonly<Record<string, string>>;
}

const installLine = /^[\s$]*(?:\w+=\S+\s+)*npm (?:i|install|add)\s([^#]*)/;

/**
 * Reads the `npm i` lines in the code blocks of a README, and each `"overrides": { ... }` in it.
 */
export function installAdvice(readme: string): InstallAdvice {
  const packages = codeBlocks(readme)
    .flatMap(({ code }) => code.split('\n'))
    .flatMap((line) => installLine.exec(line)?.[1]?.trim().split(/\s+/) ?? [])
    .filter((argument) => !argument.startsWith('-') && !argument.startsWith('@pliant/'));
  const overrides = [...readme.matchAll(/"overrides":\s*(\{[^}]*\})/g)].map(
    (match) => JSON.parse(match[1] as string) as Record<string, string>,
  );
  return { packages: [...new Set(packages)], overrides: Object.assign({}, ...overrides) };
}
