/** What each operator of ONNX is here: a layer, a few, or another view of the same numbers. @module */
import { describe, FormatError } from '../../base/errors.ts';
import { conv, convTranspose, gemm, matMul } from './convolutions.ts';
import {
  arithmetic,
  clip,
  hardSigmoid,
  optionOf,
  prelu,
  selu,
  simple,
  softmax,
} from './elementwise.ts';
import { OWN } from './idioms.ts';
import { textIn, wrongAttribute } from './node.ts';
import {
  batchNorm,
  groupNorm,
  instanceNorm,
  joinedGroupNorm,
  layerNorm,
} from './normalizations.ts';
import { constantOf, type Known, type Place } from './place.ts';
import { globalPool, pad, pool, reduce, resize, slice } from './pools.ts';
import {
  cast,
  concat,
  flatten,
  reshape,
  same,
  sizes,
  squeeze,
  transpose,
  unsqueeze,
} from './shapes.ts';

const OPERATORS: Readonly<Record<string, (place: Place) => Known>> = {
  Add: arithmetic,
  AveragePool: pool('averagePool2d'),
  BatchNormalization: batchNorm,
  Cast: cast,
  Clip: clip,
  Concat: concat,
  Conv: conv,
  ConvTranspose: convTranspose,
  Div: arithmetic,
  Dropout: simple((place) => {
    const rate = constantOf(place, 1)?.data[0] ?? optionOf(place, 'ratio', 0.5);
    return rate > 0 ? { type: 'dropout', rate } : { type: 'identity' };
  }),
  Elu: simple((place) => {
    const alpha = optionOf(place, 'alpha', 1);
    return { type: 'elu', ...(alpha !== 1 && { alpha }) };
  }),
  Flatten: flatten,
  Gelu: simple(({ node }) => {
    const approximate = textIn(node, 'approximate', 'none');
    if (approximate !== 'none') throw wrongAttribute(node, 'approximate', 'none', approximate);
    return { type: 'gelu' };
  }),
  Gemm: gemm,
  GlobalAveragePool: globalPool('globalAveragePool2d'),
  GlobalMaxPool: globalPool('globalMaxPool2d'),
  GroupNormalization: groupNorm,
  HardSigmoid: hardSigmoid,
  HardSwish: simple(() => ({ type: 'hardSwish' })),
  Identity: same,
  InstanceNormalization: instanceNorm,
  LayerNormalization: layerNorm,
  LeakyRelu: simple((place) => ({
    type: 'leakyRelu',
    negativeSlope: optionOf(place, 'alpha', 0.01),
  })),
  MatMul: matMul,
  MaxPool: pool('maxPool2d'),
  Mul: arithmetic,
  PRelu: prelu,
  Pad: pad,
  ReduceMax: reduce('globalMaxPool2d'),
  ReduceMean: reduce('globalAveragePool2d'),
  Relu: simple(() => ({ type: 'relu' })),
  Reshape: reshape,
  Resize: resize,
  Selu: selu,
  Shape: sizes,
  Sigmoid: simple(() => ({ type: 'sigmoid' })),
  Slice: slice,
  Softmax: softmax,
  Softplus: simple(() => ({ type: 'softplus' })),
  Squeeze: squeeze,
  Sub: arithmetic,
  Sum: arithmetic,
  Tanh: simple(() => ({ type: 'tanh' })),
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Upsample: resize,
  [OWN.groupNorm]: joinedGroupNorm,
  [OWN.hardSigmoid]: simple(() => ({ type: 'hardSigmoid' })),
  [OWN.silu]: simple(() => ({ type: 'silu' })),
};

/** What a node gives. @throws {FormatError} that names the node, if its operator or an attribute is not understood. */
export function translate(place: Place): Known {
  const { opType } = place.node;
  const operator = Object.hasOwn(OPERATORS, opType) ? OPERATORS[opType] : undefined;
  if (operator !== undefined) return operator(place);
  const isAdvised = Object.hasOwn(ADVICE, opType);
  const advice = isAdvised ? ADVICE[opType] : 'Leave it out of the export';
  throw new FormatError(
    `${place.where}: expected an operator that has a layer here, got ${describe(opType)}. ${advice}.`,
    0,
  );
}

const ADVICE: Readonly<Record<string, string>> = {
  LogSoftmax: 'Export the model without it: the loss takes what comes before',
  Erf: 'Export gelu in its exact form',
  LSTM: 'Only networks of images are read',
  GRU: 'Only networks of images are read',
};
