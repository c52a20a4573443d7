import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ModelFileError } from './errors.js';
import type { ModelGraph } from './graph/model-graph.js';
import { insideFolder, type ModelFiles } from './model-files.js';

/**
 * Checks the files with the weights before anything is loaded: that they lie in the model's folder, and are as long as the
 * graph says.
 * @returns the folder of the weights; undefined where the graph has no external ones
 * @throws ModelFileError
 */
export async function checkWeightFiles(
  { folder, file }: ModelFiles,
  model: ModelGraph,
): Promise<string | undefined> {
  if (model.externalFiles.length === 0) return undefined;
  const weightsFolder = path.dirname(file);
  const lengths = neededLengths(model);
  for (const name of model.externalFiles) {
    const weights = await insideFolder(folder, path.join(weightsFolder, name));
    const { size } = await stat(weights);
    const needed = lengths.get(name) ?? 1;
    if (size < needed)
      throw new ModelFileError(
        `'${weights}' is cut short: it has ${size} bytes, the graph needs ${needed}; download it again`,
      );
  }
  return weightsFolder;
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
