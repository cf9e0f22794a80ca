/**
 * The outputs of layers inside a network, one layer after another as `backend.ops.layer` runs them: what `predict` does not
 * keep. Fused steps round a little differently, so the last bits may not be those that the prediction came from.
 * @module
 */
import { describe } from '../base/errors.ts';
import { elementCount } from '../base/shape.ts';
import type { Shape, Tensor } from '../base/types.ts';
import type { Network, NetworkLayer } from '../compile/network.ts';
import { perChannel } from '../compile/normalization.ts';
import type { Arena } from '../wasm/memory.ts';
import { LayerRun } from './layerRun.ts';
import { Workspace } from './workspace.ts';

/** Images at a time. */
const BATCH = 64;

/** The layers of these names. @throws {RangeError} if there is none of a name. */
export function layersNamed(
  where: string,
  { layers }: Network,
  names: readonly string[],
): readonly NetworkLayer[] {
  return names.map((name) => {
    const found = layers.find(({ spec }) => spec.name === name);
    if (found !== undefined) return found;
    const known = layers.flatMap(({ spec }) => spec.name ?? []);
    throw new RangeError(
      `${where}: expected outputs of named layers (${known.join(', ') || 'none has a name'}), got ${describe(name)}. Name the layer: layers.relu({ name: 'features' }).`,
    );
  });
}

/** Outputs by name, of `images` as the network reads them. */
export function layerOutputs(
  arena: Arena,
  network: Network,
  weights: ReadonlyMap<string, Tensor>,
  images: Float32Array,
  asked: readonly NetworkLayer[],
): Readonly<Record<string, Tensor>> {
  const count = images.length / elementCount(network.spec.inputShape);
  const parts = asked.map((): Float32Array[] => []);
  for (const values of eachBatch(arena, network, weights, images, lastOf(asked))) {
    for (const [i, { index }] of asked.entries()) {
      parts[i]?.push(values[index + 1]?.data ?? new Float32Array());
    }
  }
  const entries = asked.map(({ spec, output }, i) => {
    const list = parts[i] ?? [];
    const data = new Float32Array(list.reduce((total, { length }) => total + length, 0));
    let offset = 0;
    for (const part of list) {
      data.set(part, offset);
      offset += part.length;
    }
    return [spec.name, { shape: [count, ...output], data }];
  });
  return Object.fromEntries(entries);
}

/** All values of a network up to the output of layer `last`, for some images at a time, in their order. */
export function* eachBatch(
  arena: Arena,
  network: Network,
  weights: ReadonlyMap<string, Tensor>,
  images: Float32Array,
  last: number,
): Generator<readonly Tensor[]> {
  const { inputShape, normalize } = network.spec;
  const pixelCount = elementCount(inputShape);
  for (let start = 0; start < images.length; start += BATCH * pixelCount) {
    const rows = images.slice(start, start + BATCH * pixelCount);
    if (normalize !== undefined)
      normalizeRows(rows, inputShape, perChannel(normalize, inputShape[0] ?? 1));
    const shape = [rows.length / pixelCount, ...inputShape];
    yield runLayers(arena, network, weights, { shape, data: rows }, last);
  }
}

function lastOf(layers: readonly NetworkLayer[]): number {
  return Math.max(...layers.map(({ index }) => index));
}

/** All values up to a layer. */
function runLayers(
  arena: Arena,
  { layers }: Network,
  weights: ReadonlyMap<string, Tensor>,
  x: Tensor,
  last: number,
): readonly Tensor[] {
  const values = [x];
  for (const { spec, inputs, parameters } of layers.slice(0, last + 1)) {
    const own = parameters.map(({ name, key }) => [name, weights.get(key)]);
    const options = { mode: 'evaluate', seed: 0, epoch: 0, step: 0 } as const;
    const tensors = inputs.map((value) => values[value] as Tensor); // made before it is read
    const run = new LayerRun(
      spec.type,
      new Workspace(arena),
      spec,
      tensors,
      Object.fromEntries(own),
      options,
    );
    values.push(run.forward('evaluate').y);
  }
  return values;
}

function normalizeRows(
  rows: Float32Array,
  [channels = 1, height = 1, width = 1]: Shape,
  all: Float32Array,
): void {
  const pixels = height * width;
  for (let i = 0; i < rows.length; i++) {
    const c = Math.floor(i / pixels) % channels;
    rows[i] = Math.fround((rows[i] ?? 0) - (all[c] ?? 0)) / (all[channels + c] ?? 1);
  }
}
