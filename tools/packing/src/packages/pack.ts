import { join } from 'node:path';
import type { PublicPackage } from './public-packages.js';
import { runNpm } from './run-npm.js';

/** A package as npm packs it. */
export interface Packed extends PublicPackage {
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
  /** Size of the tarball in bytes. */
  readonly bytes: number;
}

/** Packs a package into `destination`. */
export async function pack(publicPackage: PublicPackage, destination: string): Promise<Packed> {
  const report = await runNpm(
    publicPackage.folder,
    'pack',
    '--json',
    '--pack-destination',
    destination,
  );
  const [{ filename, files, size }] = JSON.parse(report) as [
    { filename: string; files: { path: string }[]; size: number },
  ];
  return {
    ...publicPackage,
    tarball: join(destination, filename),
    files: files.map((file) => file.path),
    bytes: size,
  };
}
