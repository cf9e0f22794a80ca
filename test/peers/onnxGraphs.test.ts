/** ONNX graphs as other exporters write them give here what ONNX Runtime makes of them. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../dist/formats.js';
import { createBackend, createModel } from '../../dist/index.js';
import { expectClose } from '../support/closeness.ts';
import { drawn, fileOf, floats, type HandGraph, node, whole } from '../support/onnxGraphs.ts';
import { testRandom, uniform } from '../support/random.ts';

const backend = await createBackend();

const toFirst = { perm: [0, 3, 1, 2] };
const toLast = { perm: [0, 2, 3, 1] };
const conv = (
  x: Parameters<typeof node>[1][number],
  filters: number,
  channels: number,
  more = {},
) => node('Conv', [x, drawn(filters, channels, 3, 3), drawn(filters)], more);

/** By name; `layers` are the types that they become. */
const graphs: Readonly<Record<string, HandGraph & { readonly layers: string }>> = {
  'channels last at both ends': {
    input: [6, 5, 2],
    output: [4, 3, 3],
    nodes: node('Transpose', [conv(node('Transpose', ['x'], toFirst), 3, 2)], toLast),
    layers: 'conv2d',
  },
  'channels last, flattened before a product': {
    input: [6, 5, 2],
    output: [4],
    nodes: node('Add', [
      node('MatMul', [
        node('Reshape', [
          node(
            'Transpose',
            [node('Relu', [conv(node('Transpose', ['x'], toFirst), 3, 2)])],
            toLast,
          ),
          whole(-1, 36),
        ]),
        drawn(36, 4),
      ]),
      drawn(4),
    ]),
    layers: 'conv2d relu flatten dense',
  },
  'channels last, a mean of pixels, a batch normalisation of flattened ones': {
    input: [4, 4, 3],
    output: [2],
    nodes: node('Gemm', [
      node('BatchNormalization', [
        node('Flatten', [
          node('MaxPool', [node('Transpose', ['x'], toFirst)], {
            kernel_shape: [2, 2],
            strides: [2, 2],
          }),
        ]),
        drawn(12),
        drawn(12),
        drawn(12),
        floats([12], ...Array.from({ length: 12 }, (_, i) => 1 + i / 10)),
      ]),
      drawn(12, 2),
      drawn(2),
    ]),
    layers: 'maxPool2d flatten batchNorm dense',
  },
  'normalised pixels, channels last': {
    input: [5, 5, 3],
    output: [3],
    nodes: node(
      'ReduceMean',
      [
        node(
          'Transpose',
          [
            node(
              'Transpose',
              [
                node('Div', [
                  node('Sub', ['x', floats([3], 0.4, 0.5, 0.6)]),
                  floats([3], 0.2, 0.3, 0.4),
                ]),
              ],
              toFirst,
            ),
          ],
          toLast,
        ),
      ],
      { axes: [1, 2], keepdims: 0 },
    ),
    layers: 'globalAveragePool2d',
  },
  'zeros before a convolution, and limits as attributes': {
    input: [2, 5, 6],
    output: [3, 6, 6],
    opset: 9,
    nodes: node('Clip', [conv(node('Pad', ['x'], { pads: [0, 0, 1, 0, 0, 0, 2, 2] }), 3, 2)], {
      min: { float: 0 },
      max: { float: 6 },
    }),
    layers: 'conv2d relu6',
  },
  'axes as an input, opset 18': {
    input: [3, 4, 4],
    output: [3, 1, 1],
    opset: 18,
    nodes: node('ReduceMean', ['x', whole(-1, -2)]),
    layers: 'globalAveragePool2d reshape',
  },
  'gelu and a group normalisation of one node each, opset 21': {
    input: [4, 3, 5],
    output: [4, 3, 5],
    opset: 21,
    nodes: node('GroupNormalization', [node('Gelu', ['x']), drawn(4), drawn(4)], { num_groups: 2 }),
    layers: 'gelu groupNorm',
  },
  'an upsampling to a size, opset 19': {
    input: [2, 3, 4],
    output: [2, 6, 12],
    opset: 19,
    nodes: node('Resize', ['x', '', '', whole(2, 2, 6, 12)], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
    layers: 'upsample2d',
  },
  'a squeeze and an excitation, the image first': {
    input: [4, 5, 3],
    output: [4, 5, 3],
    nodes: node('Mul', [
      'x',
      node('Sigmoid', [node('Conv', [node('GlobalAveragePool', ['x']), drawn(4, 4, 1, 1)])]),
    ]),
    layers: 'globalAveragePool2d reshape conv2d sigmoid flatten multiply',
  },
  'hardSwish as older exporters write it': {
    input: [2, 3, 3],
    output: [2, 3, 3],
    nodes: node('Div', [
      node('Mul', [
        'x',
        node('Clip', [node('Add', ['x', floats([], 3)]), floats([], 0), floats([], 6)]),
      ]),
      floats([], 6),
    ]),
    layers: 'hardSwish',
  },
  'a shape that is computed, in two steps': {
    input: [2, 3, 4],
    output: [5],
    nodes: node('MatMul', [
      node('Reshape', [
        'x',
        node(
          'Concat',
          [
            node('Slice', [node('Shape', ['x']), whole(0), whole(1), whole(0)]),
            node('Unsqueeze', [
              node('Mul', [
                node('Gather', [node('Shape', ['x']), { shape: [], data: BigInt64Array.of(1n) }]),
                { shape: [], data: BigInt64Array.of(12n) },
              ]),
              whole(0),
            ]),
          ],
          { axis: 0 },
        ),
      ]),
      drawn(24, 5),
    ]),
    layers: 'flatten dense',
  },
  'units that are an image with its channels last': {
    input: [2, 3, 1],
    output: [3, 2, 2],
    nodes: conv(
      node(
        'Transpose',
        [
          node('Reshape', [
            node('Relu', [node('Gemm', [node('Flatten', ['x']), drawn(6, 60), drawn(60)])]),
            whole(-1, 5, 4, 3),
          ]),
        ],
        toFirst,
      ),
      3,
      3,
      { strides: [2, 1] },
    ),
    layers: 'flatten dense relu reshape conv2d',
  },
  'rows of numbers': {
    input: [7],
    output: [3],
    nodes: node('Gemm', [node('Sub', ['x', drawn(7)]), drawn(7, 3), drawn(3)]),
    layers: 'flatten dense',
  },
  'tables without channels': {
    input: [4, 5],
    output: [2, 3, 4],
    nodes: node('Conv', [node('Unsqueeze', ['x', whole(1)]), drawn(2, 1, 2, 2)]),
    layers: 'conv2d',
  },
  'scales of every kind': {
    input: [3, 4, 4],
    output: [3, 4, 4],
    nodes: node('Sub', [
      floats([3, 1, 1], 1, 2, 3),
      node('Mul', [node('Relu', ['x']), node('Div', [drawn(3, 1, 1), floats([1], -3)])]),
    ]),
    layers: 'relu batchNorm',
  },
};

describe('graphs by hand', () => {
  it.each(Object.entries(graphs))('%s', async (_name, graph) => {
    const bytes = fileOf(graph);
    const session = await InferenceSession.create(bytes);
    const size = graph.input.reduce((product, side) => product * side, 2);
    const pixels = uniform(testRandom(2), size);
    const dims = [2, ...graph.input];
    const { y } = await session.run({ x: new Tensor('float32', pixels, dims) });
    await session.release();
    const { spec, weights } = await decodeOnnx(bytes);
    expect(spec.layers.map(({ type }) => type).join(' ')).toBe(graph.layers);
    const model = createModel(backend, spec);
    model.setWeights(weights);
    const isLast = graph.input.length === 3 && String(spec.inputShape) !== String(graph.input);
    const got = model.predict(isLast ? moved(pixels, dims) : pixels);
    const expected = y?.data as Float32Array;
    const turns = isLast && graph.output.length === 3;
    expectClose(got.data, turns ? moved(expected, [2, ...graph.output]) : expected, 1e-5);
  });

  it('of bytes mean pixels / 255', async () => {
    const bytes = fileOf({
      input: [2, 3, 3],
      output: [2, 3, 3],
      type: 2,
      nodes: node('Relu', [
        node('Sub', [node('Cast', ['x'], { to: 1 }), floats([2, 1, 1], 100, 150)]),
      ]),
    });
    const session = await InferenceSession.create(bytes);
    const images = Uint8Array.from({ length: 18 }, (_, i) => (i * 29) % 256);
    const { y } = await session.run({ x: new Tensor('uint8', images, [1, 2, 3, 3]) });
    await session.release();
    const { spec, weights } = await decodeOnnx(bytes);
    const model = createModel(backend, spec);
    model.setWeights(weights);
    expectClose(model.predict(images).data, y?.data as Float32Array, 1e-5);
  });
});

/** `[N, H, W, C]` as `[N, C, H, W]`. */
function moved(
  data: Float32Array,
  [count = 0, height = 0, width = 0, channels = 0]: readonly number[],
): Float32Array {
  const all = new Float32Array(data.length);
  let at = 0;
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      for (let pixel = 0; pixel < height * width; pixel++) {
        all[at++] = data[(n * height * width + pixel) * channels + c] ?? 0;
      }
    }
  }
  return all;
}
