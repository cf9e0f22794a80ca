/** What a node of an ONNX file asks for and no layer does is refused by the name of the node: each refusal of the readers has a row. */
import { FormatError } from 'convlet';
import { decodeOnnx } from 'convlet/formats';
import { expect, it } from 'vitest';
import {
  drawn,
  fileOf,
  floats,
  type HandGraph,
  node,
  type Operand,
  whole,
} from '../support/onnxGraphs.ts';

const image = { input: [2, 5, 4], output: [2, 5, 4] };
const rows = node('Flatten', ['x']);
const lastImage = node('Transpose', ['x'], { perm: [0, 2, 3, 1] });
const pool = (attributes: Parameters<typeof node>[2]) =>
  node('MaxPool', ['x'], { kernel_shape: [2, 2], ...attributes });
const norm = (attributes: Parameters<typeof node>[2]) =>
  node('BatchNormalization', ['x', ...[0, 1, 2, 3].map(() => floats([2], 1, 1))], attributes);
const groupNorm = (first: Operand, last: Operand) => {
  const inner = node('InstanceNormalization', [
    node('Reshape', ['x', first]),
    floats([2], 1, 1),
    floats([2], 0, 0),
  ]);
  return node('Reshape', [inner, last]);
};

it.each<[what: string, nodes: Operand, message: string, graph?: Partial<HandGraph>]>([
  [
    'a kernel of another size than its weights',
    node('Conv', ['x', drawn(3, 2, 2, 2)], { kernel_shape: [3, 3] }),
    'Conv "node": expected kernel_shape to be 2×2, got [3, 3]. Export it so.',
  ],
  [
    'a window without a size',
    node('MaxPool', ['x']),
    'MaxPool "node": expected kernel_shape to be a list of 2 numbers, got []. Export it so.',
  ],
  [
    'a padding of another name',
    pool({ auto_pad: 'SAME' }),
    'MaxPool "node": expected auto_pad to be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got "SAME". Export it so.',
  ],
  [
    'a text that is a number',
    pool({ auto_pad: 1 }),
    'MaxPool "node": expected auto_pad to be a text, got 1. Export it so.',
  ],
  [
    'a list that is too short',
    pool({ strides: [1] }),
    'MaxPool "node": expected strides to be a list of 2 numbers, got [1]. Export it so.',
  ],
  [
    'a list that is a number',
    pool({ strides: 1 }),
    'MaxPool "node": expected strides to be a list of 2 numbers, got 1. Export it so.',
  ],
  [
    'a pool with holes',
    pool({ dilations: [2, 2] }),
    'MaxPool "node": expected dilations to be 1, got [2, 2]. Export it so.',
  ],
  [
    'a number that is a text',
    node('Gemm', [rows, drawn(40, 3)], { alpha: 'x' }),
    'Gemm "node": expected alpha to be a number, got "x". Export it so.',
  ],
  [
    'an image that is turned',
    node('Gemm', [rows, drawn(40, 3)], { transA: 1 }),
    'Gemm "node": expected transA to be 0, got 1. Export it so.',
  ],
  [
    'a bias of another length',
    node('Gemm', [rows, drawn(40, 3), floats([2], 1, 2)]),
    'Gemm "node": expected 3 numbers to add, got 2. Use a whole file.',
  ],
  [
    'a weight that is not there',
    node('Conv', ['x']),
    'Conv "node": expected input 1 to be a constant of 4 axes, got none. Use weights of the file.',
  ],
  [
    'a weight of other axes',
    node('Conv', ['x', drawn(3, 2)]),
    'Conv "node": expected input 1 to be a constant of 4 axes, got 3×2. Use weights of the file.',
  ],
  [
    'a clip that is no layer',
    node('Clip', ['x', floats([], 1), floats([], 6)]),
    'Clip "node": expected min and max to be 0 and 6, or 0 and none, got [1, 6]. Export it so.',
  ],
  [
    'a selu of other numbers',
    node('Selu', ['x'], { alpha: { float: 2 } }),
    'Selu "node": expected alpha to be 1.6732632, got 2. Export it so.',
  ],
  [
    'a hard sigmoid that falls',
    node('HardSigmoid', ['x'], { alpha: { float: -1 } }),
    'HardSigmoid "node": expected alpha to be above 0, got -1. Export it so.',
  ],
  [
    'a gelu that is approximate',
    node('Gelu', ['x'], { approximate: 'tanh' }),
    'Gelu "node": expected approximate to be none, got "tanh". Export it so.',
  ],
  [
    'a slope for each pixel',
    node('PRelu', ['x', drawn(5, 4)]),
    'PRelu "node": expected a constant of one number, or one a channel of 2×5×4, got 5×4. Use such a constant.',
  ],
  [
    'a softmax over an image',
    node('Softmax', ['x']),
    'Softmax "node": expected one row of features an image, got 2×5×4. Flatten it before.',
  ],
  [
    'a sum of opset 6 along an axis',
    node('Add', [node('Relu', ['x']), floats([], 1)], { axis: 1 }),
    'Add "node": expected axis to be absent, as from opset 7 on, got 1. Export it so.',
  ],
  [
    'a sum of three with a constant',
    node('Sum', ['x', 'x', floats([], 1)]),
    'Sum "node": expected values that depend on the image, got constants among them. Fold the constants when you export.',
  ],
  [
    'a constant that is divided',
    node('Div', [floats([], 1), 'x']),
    'Div "node": expected a constant to divide by, got one to be divided. Use Div the other way round.',
  ],
  [
    'a layer of a constant',
    node('Relu', [floats([], 1)]),
    'Relu "node": expected input 0 to depend on the image, got a constant. Fold the constants when you export.',
  ],
  [
    'a normalisation that trains',
    norm({ training_mode: 1 }),
    'BatchNormalization "node": expected training_mode to be 0, got 1. Export it so.',
  ],
  [
    'a normalisation that trains by default',
    norm({}),
    'BatchNormalization "node": expected is_test to be 1, got 0. Export it so.',
    { opset: 6 },
  ],
  [
    'a normalisation of each pixel',
    norm({ spatial: 0 }),
    'BatchNormalization "node": expected spatial to be 1, got 0. Export it so.',
  ],
  [
    'a normalisation of the rows of an image',
    node('LayerNormalization', ['x', floats([4], 1, 1, 1, 1)]),
    'LayerNormalization "node": expected one row of features an image, got 2×5×4. Flatten it before, or use a group normalisation of one group.',
  ],
  [
    'a group normalisation that ends in another shape',
    groupNorm(whole(0, 2, -1), whole(0, 2, 4, 5)),
    'Reshape "node": expected the shape after a group normalisation to be 2×5×4, got [0, 2, 4, 5]. Export it so.',
  ],
  [
    'an axis that is a fraction',
    node('Squeeze', ['x', floats([1], 0.5)]),
    'Squeeze "node": expected axes to be whole numbers, got [0.5]. Export it with fixed sizes.',
  ],
  [
    'an axis of the batch',
    node('Squeeze', ['x', whole(0)]),
    'Squeeze "node": expected axes 1 to 3, not that of the batch, got 0. Leave the images apart.',
  ],
  [
    'a mean over rows alone',
    node('ReduceMean', ['x', whole(2)]),
    'ReduceMean "node": expected axes to be those of height and width, got [2]. Export it so.',
  ],
  [
    'a padding that mirrors',
    node('Pad', ['x', whole(0, 0, 1, 1, 0, 0, 1, 1)], { mode: 'reflect' }),
    'Pad "node": expected mode to be constant, got "reflect". Export it so.',
  ],
  [
    'a padding with ones',
    node('Pad', ['x', whole(0, 0, 1, 1, 0, 0, 1, 1), floats([], 1)]),
    'Pad "node": expected value to be 0, got 1. Export it so.',
  ],
  [
    'a padding of channels',
    node('Pad', ['x', whole(0, 1, 0, 0, 0, 0, 0, 0)]),
    'Pad "node": expected pads to be rows and columns around an image, got [0, 1, 0, 0, 0, 0, 0, 0]. Export it so.',
  ],
  [
    'every other row',
    node('Slice', ['x', whole(0), whole(4), whole(2), whole(2)]),
    'Slice "node": expected steps to be 1, got [2]. Export it so.',
  ],
  [
    'a part of the channels',
    node('Slice', ['x', whole(0), whole(1), whole(1)]),
    'Slice "node": expected axes to be those of height and width, got [1]. Export it so.',
  ],
  [
    'a resize between pixels',
    node('Resize', ['x', '', floats([4], 1, 1, 2, 2)], { mode: 'linear' }),
    'Resize "node": expected mode to be nearest, got "linear". Export it so.',
  ],
  [
    'a resize by half a pixel',
    node('Resize', ['x', '', floats([4], 1, 1, 1.5, 1)]),
    'Resize "node": expected scales to be whole numbers, of height and width alone, got [1, 1, 1.5, 1]. Export it so.',
  ],
  [
    'a resize to corners',
    node('Resize', ['x', '', floats([4], 1, 1, 2, 2)], {
      coordinate_transformation_mode: 'align_corners',
    }),
    'Resize "node": expected coordinate_transformation_mode and nearest_mode to be asymmetric and floor, got "align_corners and round_prefer_floor". Export it so.',
  ],
  [
    'a resize to sizes of other axes',
    node('Resize', ['x', '', '', whole(1, 2, 10)]),
    'Resize "node": expected sizes of 2×5×4, got 2. Use a whole file.',
  ],
  [
    'a cast to whole numbers',
    node('Cast', ['x'], { to: 7 }),
    'Cast "node": expected to to be a type of floats, got 7. Export it so.',
  ],
  [
    'a flatten of rows and columns',
    node('Flatten', ['x'], { axis: 2 }),
    'Flatten "node": expected axis to be 1, got 2. Export it so.',
  ],
  [
    'a squeeze of all axes',
    node('Squeeze', ['x']),
    'Squeeze "node": expected an axis that is left beside the batch, got none of 1×1×1. Keep one.',
    { input: [1, 1, 1] },
  ],
  [
    'a transposition of the batch',
    node('Transpose', ['x'], { perm: [1, 0, 2, 3] }),
    'Transpose "node": expected perm to be axes after that of the batch, got [1, 0, 2, 3]. Export it so.',
  ],
  [
    'a transposition of rows and columns',
    node('Transpose', ['x'], { perm: [0, 1, 3, 2] }),
    'Transpose "node": expected axes of an image in the order of channels first or last, got 1, 3, 2 of 2×5×4. Turn the axes before, outside of the file.',
  ],
  [
    'a concatenation of rows',
    node('Concat', ['x', 'x'], { axis: 2 }),
    'Concat "node": expected an axis of channels, got axis 2 of 2×5×4. Join channels alone.',
  ],
  [
    'a shape of many axes',
    node('Reshape', ['x', whole(0, 2, 5, 2, 2, 1, 1, 1, 1, 1)]),
    'Reshape "node": expected at most 8 axes, got 9. Use fewer.',
  ],
  [
    'a shape of other numbers',
    node('Reshape', ['x', whole(0, 7)]),
    'Reshape "node": expected a shape of 40 numbers, as 2×5×4 has, got 7. Keep their number, image by image.',
  ],
  [
    'a shape across channels that are last',
    node('Reshape', [lastImage, whole(0, 8, 5)]),
    'Reshape "node": expected a shape that keeps the channels, which are last, got 5×4×2 as 8×5. Flatten it, or turn its axes before.',
  ],
  [
    'a pool of channels that are last',
    node('MaxPool', [lastImage], { kernel_shape: [2, 2] }),
    'MaxPool "node": expected an image with its channels first, got 5×4×2. Use images [batch, channels, height, width].',
  ],
  [
    'a sum of two orders of axes',
    node('Add', [lastImage, node('Relu', ['x'])]),
    'Add "node": expected inputs with their axes in one order, got 5×4×2 and 2×5×4. Turn the axes of one.',
  ],
  [
    'an end in another order of features',
    node('Flatten', [lastImage]),
    'output: expected features in the order of channels, got an image flattened with its channels last. Add a dense layer after it, or leave out the flatten.',
  ],
  [
    'an end that is a constant',
    node('Neg', [floats([], 1)]),
    'output "y": expected a value that depends on the image, got a constant. Use a whole file.',
  ],
  [
    'an input of whole numbers',
    node('Relu', ['x']),
    'input: expected floats or bytes, got type 7 of ONNX. Export it with such an input.',
    { type: 7 },
  ],
])('refuses %s', async (_what, nodes, message, graph) => {
  const error = new FormatError(`f.onnx: ${message}`, 0);
  await expect(decodeOnnx(fileOf({ ...image, ...graph, nodes }), 'f.onnx')).rejects.toThrow(error);
});
