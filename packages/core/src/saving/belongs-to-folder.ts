import { dirname, isAbsolute, relative, sep } from 'node:path';

/**
 * Whether a file may be opened as one of a model folder: it lies in it, or it is what a link in the
 * cache of a hub client leads to. There `<repository>/snapshots/<revision>` is a folder of links to
 * `<repository>/blobs/<hash>`.
 * @param folder its real path
 * @param file its real path: where a link leads
 */
export function belongsToFolder(folder: string, file: string): boolean {
  return isInside(folder, file) || isCachedBlob(folder, file);
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

function isCachedBlob(folder: string, file: string): boolean {
  const parts = folder.split(sep);
  // The last one: the cache itself may lie in a folder of that name.
  const at = parts.lastIndexOf('snapshots');
  if (at < 1 || at === parts.length - 1) return false;
  return dirname(file) === [...parts.slice(0, at), 'blobs'].join(sep);
}
