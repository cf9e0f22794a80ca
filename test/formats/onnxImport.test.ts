/** Models that came from ONNX files predict as those that were written. Files of other programs are in test/peers. */
import { createModel, FormatError } from 'convlet';
import { decodeOnnx, encodeOnnx, type ImportedModel } from 'convlet/formats';
import { describe, expect, it } from 'vitest';
import { onnx } from '../../src/formats/onnx/messages.js';
import { expectClose } from '../support/closeness.ts';
import { backend, imagesFor, modelOf, networks } from '../support/networks.ts';
import {
  drawn,
  drawnConstant,
  fileOf,
  floats,
  type HandGraph,
  node,
  type Operand,
  whole,
} from '../support/onnxGraphs.ts';

/** The file as another program would have written it: without what Convlet says of itself. */
function foreign(bytes: Uint8Array): Uint8Array {
  const { metadataProps: _, ...rest } = onnx.ModelProto.decode(bytes);
  return onnx.ModelProto.encode({ ...rest, producerName: 'another' }).finish();
}

function predictions({ spec, weights }: ImportedModel, images: Float32Array) {
  const model = createModel(backend, spec);
  model.setWeights(weights);
  const y = model.predict(images);
  model.dispose();
  return y;
}

describe.each(networks)('$name', ({ name, spec }) => {
  it('comes back as it was, with its names', async () => {
    const model = modelOf(name);
    const { spec: own, weights } = await decodeOnnx(await encodeOnnx(model));
    expect(own).toEqual(model.spec);
    expect(weights).toEqual(model.weights());
  });

  it('predicts the same from its graph alone', async () => {
    const model = modelOf(name);
    const images = imagesFor(spec, 3);
    const expected = model.predict(images);
    const y = predictions(await decodeOnnx(foreign(await encodeOnnx(model))), images);
    expect(y.shape).toEqual(expected.shape);
    expectClose(y.data, expected.data, 1e-6);
  });
});

describe('a graph', () => {
  const read = (graph: HandGraph) => decodeOnnx(fileOf(graph), 'f.onnx');
  const image = { input: [2, 5, 4], output: [2, 5, 4] };

  it.each<[what: string, nodes: Operand, message: string]>([
    [
      'of an operator that no layer is',
      node('Relu', [node('Mish', ['x'])]),
      'f.onnx: Mish "node.0": expected an operator that has a layer here, got "Mish". Leave it out of the export.',
    ],
    [
      'that ends in LogSoftmax',
      node('LogSoftmax', [node('Flatten', ['x'])]),
      'f.onnx: LogSoftmax "node": expected an operator that has a layer here, got "LogSoftmax". Export the model without it: the loss takes what comes before.',
    ],
    [
      'of two values that no layer divides',
      node('Div', ['x', node('Relu', ['x'])]),
      'f.onnx: Div "node": expected a constant as one of its inputs, got two values. Use Add or Mul.',
    ],
    [
      'that adds an image of its own',
      node('Add', ['x', drawn(2, 5, 4)]),
      'f.onnx: Add "node": expected a constant of one number, or one a channel of 2×5×4, got 2×5×4. Use such a constant.',
    ],
    [
      'whose weights depend on the image',
      node('Conv', ['x', 'x']),
      'f.onnx: Conv "node": expected input 1 to be a constant, got what depends on the image. Use weights of the file.',
    ],
    [
      'that mixes its images',
      node('Reshape', ['x', whole(4, 10)]),
      'f.onnx: Reshape "node": expected a shape [batch, …] of 2×5×4 for each image, got [4, 10]. Leave the images apart.',
    ],
    [
      'whose weights are of another shape',
      node('Conv', ['x', drawn(3, 1, 2, 2)]),
      'f.onnx: Conv "node": weight: expected shape 3×2×2×2, got 3×1×2×2. Use that shape.',
    ],
    [
      'with a kernel larger than its image',
      node('MaxPool', ['x'], { kernel_shape: [9, 9] }),
      'f.onnx: MaxPool "node": expected a kernel no larger than its image, got 9×9 on 5×4. Use a smaller kernel or more padding.',
    ],
    [
      'that makes much of little',
      node('Add', ['x', node('ConstantOfShape', [whole(2, 30_000, 30_000)])]),
      'f.onnx: ConstantOfShape "node.1": expected constants about as large as the file, got 1800000000 more numbers. Use a file that holds its weights.',
    ],
    [
      'with weights that are not finite',
      node('Gemm', [
        node('Flatten', ['x']),
        floats([40, 1], ...Array<number>(40).fill(Number.NaN)),
      ]),
      'f.onnx: weights: 1.weight: expected finite numbers, got NaN or Infinity. Use other weights.',
    ],
    [
      'that reads what nobody gives',
      node('Relu', ['z']),
      'f.onnx: Relu "node": expected "z" to be given before it, got no such value. Use a whole file with its nodes in order, and first outputs alone.',
    ],
  ])('%s is refused by the name of its node', async (_what, nodes, message) => {
    await expect(read({ ...image, nodes })).rejects.toThrow(new FormatError(message, 0));
  });

  it('of later operators, or without sizes, is refused', async () => {
    await expect(read({ ...image, opset: 22, nodes: node('Relu', ['x']) })).rejects.toThrow(
      'f.onnx: expected an opset up to 21, got 22. Export it with opset_version=17.',
    );
    await expect(read({ ...image, input: [0, 5, 4], nodes: node('Relu', ['x']) })).rejects.toThrow(
      'f.onnx: input: expected images of known sizes [batch, channels, height, width], got "?×?×5×4". Export it with fixed sizes.',
    );
  });

  it('names its layers as its weights', async () => {
    const weight = { ...drawnConstant(3, 2, 2, 2), name: 'features.conv1.weight' };
    const { spec, weights } = await read({ ...image, nodes: node('Conv', ['x', weight]) });
    expect(spec.layers).toEqual([
      { type: 'conv2d', name: 'features.conv1', filters: 3, kernelSize: 2, useBias: false },
    ]);
    expect([...weights.keys()]).toEqual(['features.conv1.weight']);
  });
});

it.each<[kind: unknown, message: string]>([
  ['x', 'decodeOnnx: expected bytes as a Uint8Array, got "x". Use new Uint8Array(buffer).'],
  [
    new Uint8Array(),
    'the given bytes: expected an ONNX model, got a file without a graph. Use a whole file.',
  ],
  [
    Uint8Array.of(1, 2, 3),
    'the given bytes: expected an ONNX model, got other bytes, or a part of one. Use a whole file.',
  ],
])('what is no file is refused: %o', async (kind, message) => {
  await expect(decodeOnnx(kind as Uint8Array)).rejects.toThrow(message);
});

it('a file of ours that another program has changed is read by its graph', async () => {
  const model = modelOf('reference');
  const message = onnx.ModelProto.decode(await encodeOnnx(model));
  const [first] = message.graph?.initializer ?? [];
  if (first?.rawData) first.rawData = new Uint8Array(first.rawData.length);
  const { weights } = await decodeOnnx(new Uint8Array(onnx.ModelProto.encode(message).finish()));
  expect(weights.get('0.weight')?.data.every((w) => w === 0)).toBe(true);
});

it('a small file takes little memory, whatever it asks for', async () => {
  const before = process.memoryUsage().arrayBuffers;
  const bytes = fileOf({
    input: [2 ** 20, 1, 1],
    output: [1],
    nodes: node('Mul', [node('Relu', ['x']), floats([], 2)]),
  });
  await expect(decodeOnnx(bytes)).rejects.toThrow('expected constants about as large as the file');
  const steps = Array.from({ length: 800 }).reduce<Operand>(
    (x) => node('Reshape', [x, whole(0, 2, 2, 2)]),
    node('Gemm', [node('Flatten', ['x']), drawn(8, 8)]),
  );
  const turned = node('Transpose', [steps], { perm: [0, 3, 1, 2] });
  const graph = { input: [2, 2, 2], output: [2, 2, 2], nodes: turned };
  expect((await decodeOnnx(fileOf(graph))).spec.layers).toHaveLength(3);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
});
