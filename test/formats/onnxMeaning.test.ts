/** What graphs of other programs mean is what their layers compute here: orders of nodes that are easily mistaken for one another. */
import { createModel, type LayerSpec } from 'convlet';
import { decodeOnnx } from 'convlet/formats';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../support/network.ts';
import { drawn, fileOf, floats, type HandGraph, node, whole } from '../support/onnxGraphs.ts';

const backend = useBackend();
const BYTES = 2;

const read = (graph: HandGraph) => decodeOnnx(fileOf(graph), 'f.onnx');

async function outputOf(graph: HandGraph, images: Uint8Array | Float32Array) {
  const { spec, weights } = await read(graph);
  const model = createModel(backend(), spec);
  model.setWeights(weights);
  return model.predict(images).data;
}

function expectNear(got: Float32Array, expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 5);
}

describe('bytes', () => {
  it('are bytes for a graph that turns their axes before it casts them', async () => {
    const turned = node('Transpose', ['x'], { perm: [0, 3, 1, 2] });
    const nodes = node('Relu', [node('Div', [node('Cast', [turned], { to: 1 }), floats([], 255)])]);
    const graph = { input: [2, 3, 2], output: [2, 2, 3], type: BYTES, nodes };
    const bytes = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
    expectNear(
      await outputOf(graph, bytes),
      Array.from(bytes, (byte) => byte / 255),
    );
  });
});

describe('a group normalisation in parts', () => {
  const normal = node('Reshape', [
    node('InstanceNormalization', [
      node('Reshape', ['x', whole(0, 2, -1)]),
      floats([2], 1, 1),
      floats([2], 0, 0),
    ]),
    whole(0, 2, 1, 2),
  ]);
  const graph = { input: [2, 1, 2], output: [2, 1, 2] };
  const images = Float32Array.of(1, 3, -4, 4);
  const [scale, shift] = [floats([2, 1, 1], 2, 3), floats([2, 1, 1], 10, 20)];

  it('scales, and then adds', async () => {
    const nodes = node('Add', [node('Mul', [normal, scale]), shift]);
    expectNear((await outputOf({ ...graph, nodes }, images)).map(Math.round), [8, 12, 17, 23]);
  });

  it('adds, and then scales the sum', async () => {
    const nodes = node('Mul', [node('Add', [normal, shift]), scale]);
    expectNear((await outputOf({ ...graph, nodes }, images)).map(Math.round), [18, 22, 57, 63]);
  });

  it('takes one number for all channels, as PyTorch writes it without weights', async () => {
    const [one, other] = [floats([1, 1, 1], 2), floats([1, 1, 1], 10)];
    const nodes = node('Add', [node('Mul', [normal, one]), other]);
    expectNear((await outputOf({ ...graph, nodes }, images)).map(Math.round), [8, 12, 8, 12]);
  });

  it('takes no constant of the columns for one of the channels', async () => {
    const nodes = node('Mul', [normal, floats([2], 2, 3)]);
    await expect(read({ ...graph, nodes })).rejects.toThrow('got 2. Use such a constant.');
  });
});

it('padding of its own is that of the image with the padding before it', async () => {
  const padded = node('Pad', ['x', whole(0, 0, 0, 0, 0, 0, 1, 1)]);
  const nodes = node('Conv', [padded, drawn(3, 2, 3, 3)], {
    auto_pad: 'SAME_UPPER',
    strides: [2, 2],
  });
  const { spec } = await read({ input: [2, 7, 7], output: [3, 4, 4], nodes });
  const conv = spec.layers.find(({ type }) => type === 'conv2d') as LayerSpec & {
    padding: unknown;
  };
  expect(conv.padding).toEqual([0, 0, 2, 2]);
});

it('a part of the sizes of a constant is that part', async () => {
  const sizes = node('Shape', [drawn(1, 12, 5, 4)], { start: 1, end: 2 });
  const target = node('Concat', [whole(0), sizes], { axis: 0 });
  const nodes = node('Relu', [node('Reshape', ['x', target])]);
  const images = Float32Array.from({ length: 12 }, (_, i) => i);
  expectNear(await outputOf({ input: [3, 2, 2], output: [12], nodes }, images), [...images]);
});
