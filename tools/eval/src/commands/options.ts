import { z } from 'zod';

/** A number on the command line. */
export const count = (least: number) => z.coerce.number().pipe(z.int().min(least));

/** Numbers on the command line, by commas. */
export const counts = z
  .string()
  .transform((numbers) => numbers.split(',').map(Number))
  .pipe(z.array(z.int().min(1)));
