/**
 * Why a native library does not load, if the cause is the system's C library; else ''.
 * @param message message of the loader
 * @param glibc version of glibc that Node runs on; undefined with another C library
 */
export function libraryHint(message: string, platform: string, glibc: string | undefined): string {
  if (platform !== 'linux') return '';
  const needed = /GLIBC(XX)?_[\d.]+/.exec(message)?.[0];
  if (glibc === undefined)
    return ' onnxruntime-node is built for glibc, and this system has another C library (musl, as in Alpine): use a system with glibc, such as the image node:22-slim.';
  if (needed)
    return ` onnxruntime-node needs ${needed}, which is newer than this system's (glibc ${glibc}): use a newer system, such as the image node:22-slim.`;
  return '';
}

/** The hint for this system, with a blank before it. */
export function systemHint(error: unknown): string {
  const report = process.report?.getReport() as
    | { header?: { glibcVersionRuntime?: string } }
    | undefined;
  return libraryHint(
    (error as Error).message,
    process.platform,
    report?.header?.glibcVersionRuntime,
  );
}
