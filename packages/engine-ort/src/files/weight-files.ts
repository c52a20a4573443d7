import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ModelFileError } from '../errors.js';
import { allTensors } from '../graph/onnx/all-tensors.js';
import { renameFiles } from '../graph/onnx/external-files.js';
import type { ModelGraph } from '../graph/read/model-graph.js';
import { insideFolder, type ModelFiles } from './model-files.js';

export interface WeightFiles {
  /**
   * Folder that the locations in the graph are relative to; undefined if it has no external
   * weights.
   */
  readonly folder: string | undefined;
  /** Real paths. */
  readonly files: readonly string[];
}

/**
 * Checks the weight files before anything is loaded: they must belong to the model's folder and be
 * as long as the graph says. Locations in the graph that are links are replaced by their targets,
 * since ONNX Runtime follows no link out of the folder.
 * @throws ModelFileError
 */
export async function checkWeightFiles(
  { folder, file }: ModelFiles,
  model: ModelGraph,
): Promise<WeightFiles> {
  const beside = path.dirname(file);
  const lengths = neededLengths(model);
  const found = new Map<string, string>();
  for (const name of model.externalFiles) {
    const weights = await insideFolder(folder, path.join(beside, name));
    const { size } = await stat(weights);
    const needed = lengths.get(name) ?? 1;
    if (size < needed)
      throw new ModelFileError(
        `'${weights}' is cut short: it has ${size} bytes, the graph needs ${needed}; download it again`,
      );
    found.set(name, weights);
  }
  const files = [...found.values()];
  if (files.length === 0) return { folder: undefined, files };
  if ([...found].every(([name, weights]) => weights === path.join(beside, name)))
    return { folder: beside, files };
  const common = commonFolder(files);
  const names = [...found].map(
    ([name, weights]) => [name, path.relative(common, weights)] as const,
  );
  renameFiles(allTensors(model.graph), new Map(names));
  return { folder: common, files };
}

function commonFolder(files: readonly string[]): string {
  let folder = path.dirname(files[0]);
  const isOutside = (file: string) => path.relative(folder, file).startsWith('..');
  while (files.some(isOutside)) folder = path.dirname(folder);
  return folder;
}

function neededLengths({ graph }: ModelGraph): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const tensor of graph.initializer) {
    const entry = (key: string) => tensor.externalData.find((data) => data.key === key)?.value;
    const location = entry('location');
    if (location === undefined) continue;
    const end = Number(entry('offset') ?? 0) + Number(entry('length') ?? 0);
    lengths.set(location, Math.max(lengths.get(location) ?? 0, end));
  }
  return lengths;
}
