/** The names that a new package goes by. */
export interface Names {
  /** Kebab-case: of the folder, and of the middleware in errors and metrics. */
  readonly kebab: string;
  /** Of the factory. */
  readonly camel: string;
  /** Of the types. */
  readonly pascal: string;
  /** One sentence: what it does. */
  readonly what: string;
}

/** @throws Error for a name that is not kebab-case, or a sentence that does not end */
export function namesOf(kebab: string, what: string): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(kebab))
    throw new Error(`the name must be kebab-case, such as token-budget; it is '${kebab}'`);
  if (!/^[A-Z][^\n]*\.$/.test(what))
    throw new Error(`what it does must be one sentence, such as 'Drops rows.'; it is '${what}'`);
  const pascal = kebab.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  return { kebab, camel: pascal[0].toLowerCase() + pascal.slice(1), pascal, what };
}
