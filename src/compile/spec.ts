/**
 * A model as plain JSON: what a file holds, what the command line reads, what is posted to a worker.
 * Here are its checks that need no sizes; the rules about sizes are the layers' own, asked in `network.ts`.
 * @module
 */
import { checkRecord } from '../base/checks.ts';
import { describe } from '../base/errors.ts';
import { checkShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { definitionOf, type LayerSpec, layers, layerTypes } from '../layers/index.ts';

export interface ModelSpec {
  /** `[C, H, W]` of one image. */
  readonly inputShape: Shape;
  readonly layers: readonly LayerSpec[];
}

/** Where a layer stands and what it is, for messages: `layers[2] maxPool2d`. */
export function layerName(index: number, spec: LayerSpec): string {
  return `layers[${index}] ${spec.type}`;
}

/**
 * Takes any value for a model, or says what is wrong with it.
 * @throws {TypeError} where something is missing, unknown or of another kind.
 */
export function checkSpec(spec: unknown): ModelSpec {
  const { inputShape, layers: list, ...rest } = checkRecord('model', spec);
  refuseUnknown('model', rest, ['inputShape', 'layers']);
  checkShape('model: inputShape', inputShape, 3);
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(`model: expected a list of layers, got ${describe(list)}.`);
  }
  return { inputShape: inputShape as Shape, layers: list.map(checkLayer) };
}

/** JSON in which the order of the keys does not show: equal texts, equal specs. */
export function canonicalJson(spec: ModelSpec): string {
  return JSON.stringify(spec, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function checkLayer(layer: unknown, index: number): LayerSpec {
  const { type, ...options } = checkRecord(`layers[${index}]`, layer);
  if (typeof type !== 'string' || !layerTypes.includes(type)) {
    throw new TypeError(
      `layers[${index}]: expected a type of ${layerTypes.join(', ')}, got ${describe(type)}.`,
    );
  }
  const spec = layer as LayerSpec; // its type is one of ours; its options are checked where they are used
  refuseUnknown(layerName(index, spec), options, definitionOf(spec).options);
  return spec;
}

function refuseUnknown(where: string, rest: object, known: readonly string[]): void {
  const [unknown] = Object.keys(rest).filter((name) => !known.includes(name));
  if (unknown === undefined) return;
  const expected = known.length === 0 ? 'no options' : `options of ${known.join(', ')}`;
  throw new TypeError(`${where}: expected ${expected}, got ${describe(unknown)}.`);
}

/** The thesis's network: Conv 12 3×3 → ReLU → MaxPool 2 → Dense 10 → softmax; 20,410 parameters on 1×28×28. */
function reference(inputShape: Shape, classes: number): ModelSpec {
  return {
    inputShape,
    layers: [
      layers.conv2d({ filters: 12, kernelSize: 3 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: classes }),
      layers.softmax(),
    ],
  };
}

/** LeNet-5 with ReLU and max pooling, after LeCun et al., "Gradient-based learning applied to document recognition" (1998). */
function lenet5(inputShape: Shape, classes: number): ModelSpec {
  return {
    inputShape,
    layers: [
      layers.conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
      layers.conv2d({ filters: 16, kernelSize: 5 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 120 }),
      layers.relu(),
      layers.dense({ units: 84 }),
      layers.relu(),
      layers.dense({ units: classes }),
      layers.softmax(),
    ],
  };
}

/** Networks with a name, for images of a shape and a number of classes. */
export const namedModels: Readonly<Record<string, (shape: Shape, classes: number) => ModelSpec>> = {
  reference,
  lenet5,
};
