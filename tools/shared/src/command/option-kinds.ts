import { z } from 'zod';

/** A whole number on the command line. */
export const count = (least: number) => z.coerce.number().pipe(z.int().min(least));

/** Whole numbers above 0, with commas. */
export const counts = z
  .string()
  .transform((numbers) => numbers.split(',').map(Number))
  .pipe(z.array(z.int().min(1)));

/** Some of the known names, with commas. Default: all. */
export const names = <Name extends string>(known: readonly Name[]) =>
  z
    .string()
    .default(known.join())
    .transform((given) => given.split(','))
    .pipe(z.array(z.enum(known)));
