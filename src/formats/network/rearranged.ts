/**
 * Features that a graph takes for an image with its channels last, as a decoder does: `Dense → Reshape [H, W, C]`. Here the channels
 * come first, so the units of the dense layer are put into that order, and with them the parameters of what is between.
 * @module
 */
import { elementCount } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import * as activations from '../../layers/activations.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import { addLayer, type Building, type Value, valueAt } from './building.ts';
import { inOurOrder } from './views.ts';

/** Whether a layer treats all features alike, but for parameters of their own. */
function isEven(spec: LayerSpec): boolean {
  if (spec.type === 'groupNorm') return spec.groups === 1;
  const others = ['batchNorm', 'dropout', 'identity', 'prelu'];
  return Object.hasOwn(activations, spec.type) || others.includes(spec.type);
}

/**
 * The features of a dense layer, or of even layers after one, as an image `[C, H, W]` here; undefined if they are of another layer.
 * The layers are added anew; the old ones go if nobody else reads them.
 */
export function rearranged(
  to: Building,
  where: string,
  { index, parts }: Value,
  image: Shape,
): Value | undefined {
  const isRow = to.shapes[index]?.length === 1 && to.shapes[index]?.[0] === elementCount(image);
  if (parts !== undefined || !isRow) return undefined;
  const chain = [to.layers[index - 1]];
  for (let [layer] = chain; layer !== undefined && isEven(layer.spec); ) {
    layer = to.layers[(layer.inputs[0] ?? 0) - 1];
    chain.unshift(layer);
  }
  const [dense] = chain;
  if (dense?.spec.type !== 'dense') return undefined;
  let value = valueAt(to, dense.inputs[0] ?? 0, false);
  for (const layer of chain) {
    if (layer === undefined) return undefined;
    const turned = Object.entries(layer.weights).map(([name, tensor]) => {
      const width = tensor?.shape.length === 2 ? (tensor.shape[1] ?? 1) : 1; // of a unit
      return [name, tensor && inOurOrder(to, where, tensor, [image], width)] as const;
    });
    const weights: Record<string, Tensor | undefined> = Object.fromEntries(turned);
    value = addLayer(to, where, layer.spec, [value], { weights, hint: layer.hint });
  }
  return { index: value.index, shape: image, isLast: false };
}
