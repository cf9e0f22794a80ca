/** Constants of ONNX files, and the little programs over them: each is refused by its name if it cannot be computed. */
import { FormatError } from 'convlet';
import { decodeOnnx } from 'convlet/formats';
import { expect, it } from 'vitest';
import { onnx } from '../../src/formats/onnx/messages.js';
import { fileOf, floats, node, type Operand, whole } from '../support/onnxGraphs.ts';

const image = { input: [2, 5, 4], output: [2, 5, 4] };
const pair = floats([2], 1, 2);

it.each<[what: string, constant: Operand, message: string]>([
  [
    'of no input',
    node('Identity', []),
    'Identity "node.1": expected an input, got none. Use a whole file.',
  ],
  [
    'of a size that is not known',
    node('ConstantOfShape', [whole(-1)]),
    'ConstantOfShape "node.1": expected sizes that are known, got [-1]. Export it with fixed sizes.',
  ],
  [
    'of two lengths',
    node('Add', [pair, floats([3], 1, 2, 3)]),
    'Add "node.1": expected shapes of which one repeats along the other, got 2 and 3. Use a whole file.',
  ],
  [
    'that is a text',
    node('Constant', [], { value: 'x' }),
    'Constant "node.1": expected numbers, got others. Use a whole file.',
  ],
  [
    'of a place that does not exist',
    node('Gather', [pair, whole(5)]),
    'Gather "node.1": expected an axis of 2, got 5. Use a whole file.',
  ],
  [
    'of parts that do not fit',
    node('Concat', [floats([1, 2], 1, 2), floats([1, 3], 1, 2, 3)], { axis: 0 }),
    'Concat "node.1": expected constants that differ along axis 0 alone, got others. Use a whole file.',
  ],
  [
    'of another number of numbers',
    node('Reshape', [pair, whole(3)]),
    'Reshape "node.1": expected a shape of 2 numbers, got [3]. Use a whole file.',
  ],
  [
    'without an axis that has a size',
    node('Squeeze', [pair, whole(0)]),
    'Squeeze "node.1": expected axes of size 1, got [0] of 2. Use a whole file.',
  ],
  [
    'with an axis twice',
    node('Unsqueeze', [pair, whole(0, 0)]),
    'Unsqueeze "node.1": expected axes of their own, got [0, 0]. Use a whole file.',
  ],
  [
    'turned to one axis twice',
    node('Transpose', [floats([2, 1], 1, 2)], { perm: [0, 0] }),
    'Transpose "node.1": expected every axis once, got [0, 0]. Use a whole file.',
  ],
])('refuses a constant %s', async (_what, constant, message) => {
  const bytes = fileOf({ ...image, nodes: node('Add', ['x', constant]) });
  await expect(decodeOnnx(bytes, 'f.onnx')).rejects.toThrow(
    new FormatError(`f.onnx: ${message}`, 0),
  );
});

type Change = (graph: onnx.GraphProto.$Properties) => void;

/** Changes the first tensor. */
const tensor = (change: onnx.TensorProto.$Properties): Change => {
  return ({ initializer }) => {
    Object.assign(initializer?.[0] ?? {}, change);
  };
};

it.each<[what: string, change: Change, message: string]>([
  [
    'with numbers in another file',
    tensor({ dataLocation: 1 }),
    'initializer "node.1": expected its numbers in the file, got those of another file. Save the model as one file.',
  ],
  [
    'with numbers in a named file',
    tensor({ externalData: [{ key: 'location', value: 'w' }] }),
    'initializer "node.1": expected its numbers in the file, got those of another file. Save the model as one file.',
  ],
  [
    'with texts',
    tensor({ dataType: 8 }),
    'initializer "node.1": expected floats or whole numbers, got type 8 of ONNX. Convert it to floats.',
  ],
  [
    'with fewer numbers than their shape',
    tensor({ dims: [3] }),
    'initializer "node.1": expected 3 numbers, as 3 has, got 2. Use a whole file.',
  ],
  [
    'with a size below 0',
    tensor({ dims: [-2] }),
    'initializer "node.1": expected sizes that can be counted, got [-2]. Use a whole file.',
  ],
  [
    'with a tensor of a node in another file',
    ({ node: nodes }) => {
      nodes?.[0]?.attribute?.push({ name: 'value', type: 4, t: { dataType: 1, dataLocation: 1 } });
    },
    'Add "node": "value": expected its numbers in the file, got those of another file. Save the model as one file.',
  ],
  [
    'with two inputs',
    ({ input }) => input?.push({ name: 'z' }),
    'expected one input and one output, got "x", "z" and "y". Export the part from the image to the result.',
  ],
  [
    'without an output',
    ({ output }) => output?.pop(),
    'expected one input and one output, got "x" and none. Export the part from the image to the result.',
  ],
  [
    'with an output that nobody gives',
    ({ output }) => {
      Object.assign(output?.[0] ?? {}, { name: 'q' });
    },
    'output "q": expected a value that depends on the image, got none. Use a whole file.',
  ],
  [
    'with a value that is given twice',
    ({ node: nodes = [] }) => nodes?.push({ ...nodes[0], opType: 'Sub' }),
    'Sub "node": expected an output of its own, got one that is given before. Use a whole file.',
  ],
  [
    'with very many nodes',
    ({ node: nodes = [] }) => {
      for (let i = 0; i < 5000; i++)
        nodes?.push({ opType: 'Relu', input: ['x'], output: [`v${i}`] });
    },
    'expected at most 5000 nodes, got 5001. Use a smaller network.',
  ],
])('refuses a file %s', async (_what, change, message) => {
  const model = onnx.ModelProto.decode(fileOf({ ...image, nodes: node('Add', ['x', pair]) }));
  if (model.graph) change(model.graph);
  const bytes = new Uint8Array(onnx.ModelProto.encode(model).finish());
  await expect(decodeOnnx(bytes, 'f.onnx')).rejects.toThrow(
    new FormatError(`f.onnx: ${message}`, 0),
  );
});
