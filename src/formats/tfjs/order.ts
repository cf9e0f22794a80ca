/** Layers in which the order of the numbers matters: images there have their channels last. @module */
import type { Network } from '../../compile/network.ts';
import * as activations from '../../layers/activations.ts';
import { denseKernel } from './kernels.ts';
import { addLayer, addWeights, type Place, type SpecOf, type Value, valuesOf } from './topology.ts';

/** Features beside images are a number a channel: images of one pixel. */
export function addMultiply(place: Place<SpecOf<'multiply'>>): Value {
  const { xs, layer } = place;
  const rank = layer.output.length;
  const factors = xs.map((x, i) => {
    const shape = layer.inputShapes[i] ?? [];
    if (shape.length === rank) return x;
    const target_shape = [1, 1, ...shape];
    return { ...x, layer: addLayer(place, 'Reshape', `gate${i}`, { target_shape }, [x]) };
  });
  return {
    layer: addLayer(place, 'Multiply', 'multiply', {}, factors),
    flattened: undefined,
    isPositive: xs.every(({ isPositive }) => isPositive),
  };
}

/** Images there have their channels last; in any other shape the numbers are in our order. */
export function addReshape(place: Place<SpecOf<'reshape'>>): Value {
  const { input, layer } = place;
  const { output } = layer;
  if (output.length === 1 && input.length === 3) return addFlatten(place);
  const from = input.length === 3 ? addPermute(place, 'permute', [3, 1, 2], place.x) : place.x;
  const [channels = 0, ...plane] = output;
  const target_shape = output.length === 3 ? [channels, ...plane] : output;
  const shaped = addLayer(place, 'Reshape', 'reshape', { target_shape }, [from]);
  const value = { ...place.x, layer: shaped };
  return output.length === 3 ? addPermute(place, 'permute_back', [2, 3, 1], value) : value;
}

function addPermute(place: Place, kind: string, dims: readonly number[], from: Value): Value {
  return { ...from, layer: addLayer(place, 'Permute', kind, { dims }, [from]) };
}

export function addFlatten(place: Place): Value {
  const { input, x, to, layer } = place;
  if (input.length === 1) return x; // TensorFlow.js does not allow a flatten here
  const isImage = input.length === 3;
  const keepsOrder = !isImage || endsInDense(to.network, layer.index + 1);
  const from = keepsOrder ? x : addPermute(place, 'permute', [3, 1, 2], x);
  const flattened = isImage && keepsOrder ? input : undefined;
  return { ...x, layer: addLayer(place, 'Flatten', 'flatten', {}, [from]), flattened };
}

/** Layers that treat all features alike. */
const EVEN: readonly string[] = [...Object.keys(activations), 'dropout', 'identity', 'softmax'];

/** Whether a value only reaches dense layers. The columns of their weights can then follow any order of its features. */
function endsInDense({ layers }: Network, value: number): boolean {
  const readers = layers.filter(({ inputs }) => inputs.includes(value));
  return (
    readers.length > 0 &&
    readers.every(
      ({ spec: { type }, index }) =>
        type === 'dense' || (EVEN.includes(type) && endsInDense({ layers } as Network, index + 1)),
    )
  );
}

export function addDense(place: Place<SpecOf<'dense'>>): Value {
  const { weight, bias } = valuesOf(place);
  const config = {
    units: place.spec.units,
    activation: 'linear',
    use_bias: bias !== undefined,
  };
  const layer = addLayer(place, 'Dense', 'dense', config);
  addWeights(place, layer, { kernel: denseKernel(weight, place.x.flattened), bias });
  return { layer, flattened: undefined, isPositive: false };
}
