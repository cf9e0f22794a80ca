/** Pooling as TensorFlow.js has it. @module */
import type { Shape } from '../../base/types.ts';
import { layerName } from '../../compile/spec.ts';
import { averagePoolWindows, hasSides, poolWindow, type Window } from '../window.ts';
import { addPadding, sameWindow } from './sides.ts';
import { addLayer, type Place, type SpecOf, type Value } from './topology.ts';

export function addMaxPool2d(place: Place<SpecOf<'maxPool2d'>>): Value {
  const { spec, input, x } = place;
  const window = poolWindow(spec, input);
  const isSame = isSameWindow(window, input);
  if (!isSame && hasSides(window.sides) && !x.isPositive) {
    throw wrongPadding(place, "padding 'same' or none, or relu() somewhere before it");
  }
  const from = isSame ? x : addPadding(place, window.sides);
  return addPool(place, 'MaxPooling2D', 'max_pooling2d', window, isSame, from);
}

/** There padding counts only if it is made of pixels before. */
export function addAveragePool2d(place: Place<SpecOf<'averagePool2d'>>): Value {
  const { zeros, padded, window } = averagePoolWindows(place.spec, place.input);
  const isSame = isSameWindow(window, padded);
  if (!isSame && hasSides(window.sides)) {
    throw wrongPadding(place, "padding 'same' or none, or countIncludePad: true without ceilMode");
  }
  const from = addPadding(place, zeros);
  return addPool(place, 'AveragePooling2D', 'average_pooling2d', window, isSame, from);
}

function addPool(
  place: Place,
  type: string,
  kind: string,
  { kernel, strides }: Window,
  isSame: boolean,
  from: Value,
): Value {
  const config = {
    pool_size: kernel,
    strides,
    padding: isSame ? 'same' : 'valid',
    data_format: 'channels_last',
  };
  return { ...place.x, layer: addLayer(place, type, kind, config, [from]) };
}

/** Whether TensorFlow's padding 'same' gives the windows of a pooling. */
function isSameWindow(window: Window, input: Shape): boolean {
  const { kernel: poolSize, strides } = window;
  return sameWindow(window, poolWindow({ poolSize, strides, padding: 'same' }, input));
}

function wrongPadding(
  { spec, layer }: Place<SpecOf<'maxPool2d' | 'averagePool2d'>>,
  expected: string,
): RangeError {
  const { padding = 'valid', ceilMode = false } = spec;
  const got = `padding ${JSON.stringify(padding)}${ceilMode ? ' and ceilMode' : ''}`;
  return new RangeError(
    `tfjs: ${layerName(layer.index, spec)}: expected ${expected}, got ${got}. Export to ONNX, or train it with 'same'.`,
  );
}
