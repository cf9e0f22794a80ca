/** What each layer of Keras is here. @module */
import { describe, FormatError } from '../../../base/errors.ts';
import { elementCount } from '../../../base/shape.ts';
import type { LayerSpec } from '../../../layers/registry.ts';
import {
  addConcat,
  addGlobalPool,
  addProduct,
  addSum,
  decimal,
  sidesOption,
  sizeOption,
  withoutZeros,
} from '../../network/additions.ts';
import { addLayer, type Value } from '../../network/building.ts';
import { rearranged } from '../../network/rearranged.ts';
import { graphShape, isFlat, toFirst, turn, viewAs } from '../../network/views.ts';
import { activated, elu, leakyRelu, prelu, relu, softmax } from './activations.ts';
import {
  conv2d,
  conv2dTranspose,
  dense,
  depthwiseConv2d,
  paddingOf,
  separableConv2d,
} from './convolutions.ts';
import { batchNorm, groupNorm, layerNorm, normalization, rescaling } from './normalizations.ts';
import {
  expectOption,
  flagOption,
  imageOf,
  innerAxis,
  integersOption,
  numberOption,
  type Place,
  pairOption,
  sidesIn,
} from './place.ts';

const LAYERS: Readonly<Record<string, (place: Place) => Value>> = {
  Activation: (place) => activated(place, place.x),
  Add: ({ to, where, xs }) => addSum(to, where, xs),
  AveragePooling2D: pool('averagePool2d'),
  BatchNormalization: batchNorm,
  Concatenate: (place) => addConcat(place.to, place.where, place.xs, innerAxis(place, 'axis', -1)),
  Conv2D: conv2d,
  Conv2DTranspose: conv2dTranspose,
  Cropping2D(place) {
    const spec: LayerSpec = { type: 'crop2d', cropping: sidesOption(sidesIn(place, 'cropping')) };
    return addLayer(place.to, place.where, spec, [imageOf(place)]);
  },
  Dense: dense,
  DepthwiseConv2D: depthwiseConv2d,
  Dropout: dropout(false),
  ELU: elu,
  Flatten(place) {
    expectOption(place, 'data_format', 'channels_last');
    return viewAs(place.where, place.x, [elementCount(place.x.shape)], true);
  },
  GlobalAveragePooling2D: globalPool('globalAveragePool2d'),
  GlobalMaxPooling2D: globalPool('globalMaxPool2d'),
  GroupNormalization: groupNorm,
  Identity: ({ x }) => x,
  LayerNormalization: layerNorm,
  LeakyReLU: leakyRelu,
  MaxPooling2D: pool('maxPool2d'),
  Multiply: ({ to, where, xs }) => addProduct(to, where, xs),
  Normalization: normalization,
  PReLU: prelu,
  Permute: (place) =>
    turn(
      place.where,
      place.x,
      integersOption(place, 'dims').map((axis) => axis - 1),
    ),
  ReLU: relu,
  Rescaling: rescaling,
  Reshape: reshape,
  SeparableConv2D: separableConv2d,
  Softmax: softmax,
  SpatialDropout2D: dropout(true),
  UpSampling2D(place) {
    expectOption(place, 'interpolation', 'nearest');
    const size = sizeOption(pairOption(place, 'size', [2, 2]));
    return addLayer(place.to, place.where, { type: 'upsample2d', size }, [imageOf(place)]);
  },
  ZeroPadding2D(place) {
    const padding = sidesOption(sidesIn(place, 'padding'));
    return addLayer(place.to, place.where, { type: 'zeroPad2d', padding }, [imageOf(place)]);
  },
  'convlet.HardSigmoid': ({ to, where, x }) => addLayer(to, where, { type: 'hardSigmoid' }, [x]),
  'convlet.HardSwish': ({ to, where, x }) => addLayer(to, where, { type: 'hardSwish' }, [x]),
};

/** What a layer gives. @throws {FormatError} that names it, if its class or an option is not understood. */
export function readLayer(place: Place): Value {
  const { type } = place.node;
  const read = Object.hasOwn(LAYERS, type) ? LAYERS[type] : undefined;
  if (read !== undefined) return read(place);
  throw new FormatError(
    `${place.where}: expected a layer that there is here, got ${describe(type)}. Save the model without it.`,
    0,
  );
}

function pool(type: 'maxPool2d' | 'averagePool2d'): (place: Place) => Value {
  return (place) => {
    const image = imageOf(place);
    const poolSize = pairOption(place, 'pool_size', [2, 2]);
    const strides = pairOption(place, 'strides', poolSize);
    const isSame = paddingOf(place) === 'same';
    // zeros around the image are padding that counts
    const own = withoutZeros(place.to, image);
    const fits = own.zeros.every((side, i) => side <= Math.floor((poolSize[i % 2] ?? 0) / 2));
    const isMerged = type === 'averagePool2d' && !isSame && fits && own.x !== image;
    const spec = {
      type,
      poolSize: sizeOption(poolSize),
      ...(String(strides) !== String(poolSize) && { strides: sizeOption(strides) }),
      ...(isSame && { padding: 'same' as const }),
      ...(isMerged && { padding: sidesOption(own.zeros), countIncludePad: true }),
    };
    return addLayer(place.to, place.where, spec, [isMerged ? own.x : image]);
  };
}

function globalPool(type: 'globalAveragePool2d' | 'globalMaxPool2d'): (place: Place) => Value {
  return (place) =>
    addGlobalPool(
      place.to,
      place.where,
      type,
      imageOf(place),
      flagOption(place, 'keepdims', false),
    );
}

function dropout(perChannel: boolean): (place: Place) => Value {
  return (place) => {
    const rate = decimal(numberOption(place, 'rate'));
    const spec: LayerSpec = { type: 'dropout', rate, ...(perChannel && { perChannel }) };
    return addLayer(place.to, place.where, spec, [place.x]);
  };
}

/** `Reshape`; one size may be −1. */
function reshape(place: Place): Value {
  const { where, x } = place;
  const given = integersOption(place, 'target_shape');
  const count = elementCount(graphShape(x));
  const known = elementCount(given.filter((size) => size !== -1));
  const target = given.map((size) => (size === -1 ? count / known : size));
  if (target.every((size) => Number.isInteger(size) && size > 0)) {
    const image = toFirst(target);
    const isDecoder = x.shape.length === 1 && target.length === 3 && !isFlat(image);
    const decoded = isDecoder ? rearranged(place.to, where, x, image) : undefined;
    return decoded === undefined ? viewAs(where, x, target, true) : { ...decoded, isLast: true };
  }
  throw new FormatError(
    `${where}: expected target_shape of ${count} numbers, got ${describe([...given])}. Use a whole file.`,
    0,
  );
}
