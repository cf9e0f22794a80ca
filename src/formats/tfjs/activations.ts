/** Activations, those that TensorFlow.js lacks made of others. @module */
import {
  addLayer,
  addWeights,
  channelAxis,
  type Place,
  type SpecOf,
  type Value,
  valuesOf,
} from './topology.ts';

/** @param isPositive True if no result is below 0; by default the function keeps the sign. */
export function addActivation(
  place: Place,
  activation: string,
  isPositive: boolean = place.x.isPositive,
): Value {
  const layer = addLayer(place, 'Activation', activation, { activation });
  return { ...place.x, layer, isPositive };
}

export function addRelu6(place: Place, from: Value = place.x): Value {
  const layer = addLayer(place, 'ReLU', 're_lu', { max_value: 6 }, [from]);
  return { ...place.x, layer, isPositive: true };
}

/** `scale·x + offset`; `kind` tells several of one layer apart. */
function addRescaling(place: Place, kind: string, scale: number, offset: number, x: Value): Value {
  return { ...x, layer: addLayer(place, 'Rescaling', kind, { scale, offset }, [x]) };
}

/** `relu6(x + 3) / 6`, as Keras 2 means another function by the name. */
export function addHardSigmoid(place: Place): Value {
  const shifted = addRescaling(place, 'shift', 1, 3, place.x);
  return addRescaling(place, 'divide', 1 / 6, 0, addRelu6(place, shifted));
}

/** TensorFlow.js has alpha 1 alone: `(1 − alpha)·relu(x) + alpha·elu(x)` is the same. */
export function addElu(place: Place<SpecOf<'elu'>>): Value {
  const { alpha = 1 } = place.spec;
  const isPositive = alpha === 0 || place.x.isPositive;
  const whole = { ...place.x, layer: addLayer(place, 'ELU', 'elu', { alpha: 1 }), isPositive };
  if (alpha === 1) return whole;
  const parts = [
    addRescaling(place, 'above', 1 - alpha, 0, addActivation(place, 'relu', true)),
    addRescaling(place, 'whole', alpha, 0, whole),
  ];
  return { ...whole, layer: addLayer(place, 'Add', 'add', {}, parts) };
}

/** One slope a channel: shared by rows and columns. */
export function addPrelu(place: Place): Value {
  const { weight } = valuesOf(place);
  const [, ...plane] = place.input;
  const isLast = channelAxis(place) === -1;
  const shared_axes = plane.length === 0 ? null : plane.map((_, axis) => axis + (isLast ? 1 : 2));
  const layer = addLayer(place, 'PReLU', 'p_re_lu', { shared_axes });
  const ones = plane.map(() => 1);
  const alpha = {
    shape: isLast ? [...ones, ...weight.shape] : [...weight.shape, ...ones],
    data: weight.data,
  };
  addWeights(place, layer, { alpha });
  return { ...place.x, layer };
}
