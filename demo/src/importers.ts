/** Models of other programs, from files. Loaded with the first such file. @module */
import type { ModelSpec } from 'convlet';
import { decodeNpzModel, decodeStateDict, decodeTfjs, type ImportedModel } from 'convlet/formats';
import { wordsOf } from './errors.ts';
import type { NamedFile } from './fileKind.ts';

export { decodeOnnx } from 'convlet/formats';

/** A LayersModel: `model.json`, and the files of its weights, by their names. */
export async function layersModelOf(
  { name, bytes }: NamedFile,
  others: readonly NamedFile[],
): Promise<ImportedModel> {
  if (others.length === 0) {
    throw new Error(
      `${name}: expected the files of its weights beside it, got it alone. Drop all of them together.`,
    );
  }
  try {
    return await decodeTfjs(bytes, new Map(others.map((file) => [file.name, file.bytes])));
  } catch (cause) {
    throw new Error(`${name}: ${wordsOf(cause).replace(/^decodeTfjs: /, '')}`, { cause });
  }
}

/** An archive of NumPy with its network, or with the weights of one of these. */
export function npzModelOf(
  { name, bytes }: NamedFile,
  networks: readonly ModelSpec[],
): Promise<ImportedModel> {
  return firstFitting(name, [undefined, ...networks], (spec) => decodeNpzModel(bytes, spec, name));
}

/** Tensors without a network, as PyTorch's state dicts are: the weights of one of these. */
export function tensorsModelOf(
  { name, bytes }: NamedFile,
  networks: readonly ModelSpec[],
): Promise<ImportedModel> {
  return firstFitting(name, networks, async (spec) => decodeStateDict(bytes, spec, name));
}

/** What is decoded with the first network that fits. A damaged file is refused by all in the same words. */
async function firstFitting<Network>(
  name: string,
  networks: readonly Network[],
  decode: (network: Network) => Promise<ImportedModel>,
): Promise<ImportedModel> {
  const refusals = new Set<string>();
  for (const network of networks) {
    try {
      return await decode(network);
    } catch (error) {
      refusals.add(wordsOf(error));
    }
  }
  const [first] = refusals;
  throw new Error(
    refusals.size === 1
      ? first
      : `${name}: expected the weights of this network or of one with a name, got others. Let convlet import --model put their network into the file.`,
  );
}
