/** The comparison with plain JavaScript: its loops compute what they are told to, or refuse. A worker that ends is told. */
import { createBackend, createModel, type LayerSpec, layers, type ModelSpec } from 'convlet';
import { afterEach, expect, it, vi } from 'vitest';
import { PlainNetwork } from '../../demo/src/plain/network.ts';
import { compareInTurns } from '../../demo/src/plain/turns.ts';

afterEach(() => vi.unstubAllGlobals());

const PICTURE = [1, 6, 6] as const;
const END = [layers.flatten(), layers.dense({ units: 3 }), layers.softmax()];
const backend = await createBackend();

/** A network that begins with these layers. */
const specOf = (...first: LayerSpec[]): ModelSpec => ({
  inputShape: [...PICTURE],
  layers: [...first, ...END],
});

const plainOf = (spec: ModelSpec) =>
  new PlainNetwork(spec, createModel(backend, spec, { seed: 1 }).weights());

it('has loops for plain convolutions, pooling, ReLU and dense layers', () => {
  const first = [layers.conv2d({ filters: 2, kernelSize: 3 }), layers.relu()];
  const network = plainOf(specOf(...first, layers.maxPool2d({ poolSize: 2 })));
  expect(network.step(new Uint8Array(36), Uint8Array.of(1), 0.1)).toBeCloseTo(Math.log(3), 5);
});

const convolution = { filters: 2, kernelSize: 3 };
it.each<[string, ModelSpec]>([
  ['tanh', specOf(layers.tanh())],
  ['a frozen layer', specOf({ ...layers.conv2d(convolution), trainable: false })],
  ['conv2d with these options', specOf(layers.conv2d({ ...convolution, strides: 2 }))],
  ['conv2d with these options', specOf(layers.conv2d({ ...convolution, kernelSize: [3, 1] }))],
  ['maxPool2d with these options', specOf(layers.maxPool2d({ poolSize: 2, strides: 1 }))],
  ['dense without a bias', specOf(layers.flatten(), layers.dense({ units: 4, useBias: false }))],
  ['pixels that are normalized', { ...specOf(), normalize: { mean: [0.5], deviation: [0.5] } }],
  ['a network without softmax at its end', { ...specOf(), layers: END.slice(0, 2) }],
  [
    'a layer that names its inputs',
    specOf({ ...layers.relu(), name: 'a' }, { ...layers.relu(), inputs: ['a'] }),
  ],
])('refuses %s', (what, spec) => {
  expect(() => plainOf(spec)).toThrow(
    `plain JavaScript: expected layers that its loops have, got ${what}. Compare another network.`,
  );
});

it('ends with the error of a worker that ended', async () => {
  class DeadWorker {
    onerror = (_: { message: string }) => {};
    postMessage() {
      queueMicrotask(() => this.onerror({ message: '' }));
    }
    terminate() {}
  }
  vi.stubGlobal('Worker', DeadWorker);
  const data = {
    images: new Uint8Array(36),
    labels: Uint8Array.of(1),
    shape: PICTURE,
    classes: 3,
  };
  const request = { spec: specOf(), weights: new Map(), data, batchSize: 1 };
  await expect(compareInTurns(request)).rejects.toThrow('the worker ended');
});
