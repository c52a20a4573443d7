import type { z } from 'zod';

interface CommandLine {
  readonly name: string;
  /** Printed after what is wrong with a command line. */
  readonly usage: string;
  /** The option, an array, whose values are given without its name. Default: there is none. */
  readonly positional?: string;
}

/** One of the things that a tool does, as named on its command line. */
export interface Command extends CommandLine {
  /**
   * The schema of the options, by their names without the dashes. A boolean takes no value, an
   * array may be given several times.
   */
  readonly options: z.ZodObject;
  /** @param options parsed by the schema */
  run(options: object): Promise<void>;
}

/** A `Command` whose `run` takes what its schema gives. */
export function command<Options extends z.ZodObject>(
  given: CommandLine & {
    readonly options: Options;
    run(options: z.output<Options>): Promise<void>;
  },
): Command {
  return given as Command;
}
