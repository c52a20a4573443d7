/** A public function, with arguments that are right. */
export interface Target {
  /** Names what is called, the export first. */
  readonly name: string;
  /** Made for each call: a call may keep or change them. */
  args(): unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: wrong arguments are what it is for
  call(...args: any[]): unknown;
}

/** The targets of a package, and the exports that are not among them, each with the reason. */
export interface PackageTargets {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly targets: readonly Target[];
  readonly leftOut: Readonly<Record<string, string>>;
}
