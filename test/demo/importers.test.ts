/** Weights that are dropped on the page without the network that they belong to. */
import { createBackend, createModel, layers, namedModels } from 'convlet';
import { encodeNpz, encodeSafetensors } from 'convlet/formats';
import { expect, it } from 'vitest';
import type { FileKind, NamedFile } from '../../demo/src/fileKind.ts';
import { npzModelOf, tensorsModelOf } from '../../demo/src/importers.ts';

const backend = await createBackend();
const networks = ['tiny', 'reference', 'lenet5'].map((name) => specOf(name));
const OTHERS =
  'expected the weights of this network or of one with a name, got others. Let convlet import --model put their network into the file.';

function specOf(name: string) {
  const build = namedModels[name];
  if (build === undefined) throw new Error(`expected a network ${name}`);
  return build([1, 28, 28], 10);
}

const fileOf = (name: string, kind: FileKind, bytes: Uint8Array): NamedFile => ({
  name,
  kind,
  bytes: new Uint8Array(bytes),
});

it('are those of the first network that fits', async () => {
  const model = createModel(backend, specOf('lenet5'), { seed: 7 });
  const file = fileOf('state.safetensors', 'tensors', encodeSafetensors(model.weights()));
  const { spec, weights } = await tensorsModelOf(file, networks);
  expect(spec).toEqual(specOf('lenet5'));
  expect(weights).toEqual(model.weights());
});

it('are refused if no network has such weights', async () => {
  const spec = { inputShape: [1, 28, 28], layers: [layers.flatten(), layers.dense({ units: 3 })] };
  const bytes = encodeSafetensors(createModel(backend, spec).weights());
  await expect(
    tensorsModelOf(fileOf('state.safetensors', 'tensors', bytes), networks),
  ).rejects.toThrow(`state.safetensors: ${OTHERS}`);
});

it('are told to be damaged if they are, whatever the network', async () => {
  const model = createModel(backend, specOf('reference'));
  const cut = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 4);
  const tensors = fileOf('cut.safetensors', 'tensors', cut(encodeSafetensors(model.weights())));
  const archive = fileOf('cut.npz', 'npz', cut(await encodeNpz(model)));
  const refused = [tensorsModelOf(tensors, networks), npzModelOf(archive, networks)];
  const told = refused.map((model) => model.then(String, ({ message }: Error) => message));
  const [ofTensors, ofArchive] = await Promise.all(told);
  expect(ofTensors).toMatch(/^cut\.safetensors: (?!expected the weights)/);
  expect(ofArchive).toMatch(/^cut\.npz: (?!expected the weights)/);
});
