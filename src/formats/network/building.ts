/**
 * A network while it is built from the graph of another program: its layers, their weights, and what is known of each value.
 * The readers of ONNX and of LayersModels give every node as one layer or a few; what the graph says of shapes and of the
 * order of axes is kept beside each value, in views.ts.
 * @module
 */
import { ShapeError } from '../../base/errors.ts';
import { checkSameShape, elementCount, formatShape } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import { inferLayer, inferNetwork, type NetworkLayer } from '../../compile/network.ts';
import type { Normalization } from '../../compile/normalization.ts';
import { checkSpec, type ModelSpec } from '../../compile/spec.ts';
import { type LayerSpec, readLayer } from '../../layers/registry.ts';
import { checkWeights } from '../../model/weights.ts';

/** A value of the graph, as one of our values. */
export interface Value {
  /** 0 is the image, i + 1 the output of layer i. */
  readonly index: number;
  /** Of one image, in our order of axes. It may be a view: another shape than that of the layer's output. */
  readonly shape: Shape;
  /** Whether the graph has the channels of this image last. */
  readonly isLast: boolean;
  /** The images whose pixels these features are, flattened there with channels last; undefined if their order is ours. */
  readonly parts?: readonly Shape[];
}

/** Parameters by their bare names: `weight`, `bias`, … */
export type Weights = Readonly<Record<string, Tensor | undefined>>;

/** What is built so far. */
export interface Building {
  readonly inputShape: Shape;
  normalize: Normalization | undefined;
  readonly layers: BuiltLayer[];
  /** Of each value. */
  readonly shapes: Shape[];
  /** The layers that turn a value into another shape, by value and shape. */
  readonly views: Map<string, number>;
  /** Numbers that may still be made beside those of the file: small files make small networks. */
  budget: number;
}

interface BuiltLayer extends NetworkLayer {
  readonly weights: Weights;
  /** The name that the graph gives it, if it is a name here; its parameters have it there. */
  readonly hint: string | undefined;
}

/** Numbers that a file of no weights may make. */
const LEAST_BUDGET = 65_536;

/** Nothing yet but the image. @param fileBytes Length of the file: what it may make grows with it. */
export function beginBuilding(inputShape: Shape, fileBytes: number): Building {
  return {
    inputShape,
    normalize: undefined,
    layers: [],
    shapes: [inputShape],
    views: new Map(),
    budget: LEAST_BUDGET + fileBytes,
  };
}

/** Draws so many numbers from what a file may make. @throws {RangeError} if that is too much. */
export function spend(to: { budget: number }, where: string, count: number): void {
  if (count <= to.budget) {
    to.budget -= count;
    return;
  }
  throw new RangeError(
    `${where}: expected constants about as large as the file, got ${count} more numbers. Use a file that holds its weights.`,
  );
}

/** A constant number of times, for a channel each. */
export function filled(to: Building, where: string, count: number, value: number): Tensor {
  spend(to, where, count);
  return { shape: [count], data: new Float32Array(count).fill(value) };
}

/** What a layer has beside its spec. */
interface LayerExtras {
  readonly weights?: Weights;
  readonly hint?: string | undefined;
}

/**
 * Adds a layer that reads these values.
 * @param where Names the node of the graph in messages.
 * @returns its output, in the order of axes of its first input.
 * @throws {TypeError | RangeError | ShapeError} if an option, an input or a weight does not fit.
 */
export function addLayer(
  to: Building,
  where: string,
  spec: LayerSpec,
  inputs: readonly Value[],
  { weights = {}, hint }: LayerExtras = {},
): Value {
  const read = inputs.map((input) => settle(to, where, input));
  const layer = inferLayer(where, readLayer(where, spec), to.layers.length, read, to.shapes);
  for (const { name, shape } of layer.parameters) {
    const tensor = weights[name];
    if (tensor === undefined) throw new Error(`internal: ${where} without its ${name}`);
    checkSameShape(`${where}: ${name}`, shape, tensor.shape);
  }
  const index = push(to, { ...layer, weights, hint });
  const { output } = layer;
  const [{ isLast, parts } = { isLast: false, parts: undefined }] = inputs;
  const isImage = output.length === 3;
  const keepsParts = parts !== undefined && output.length === 1;
  return { index, shape: output, isLast: isImage && isLast, ...(keepsParts && { parts }) };
}

/** The layer that computes a value; undefined for the image, and for a view. */
export function layerOf(to: Building, { index, shape }: Value): BuiltLayer | undefined {
  const layer = to.layers[index - 1];
  return layer !== undefined && formatShape(layer.output) === formatShape(shape)
    ? layer
    : undefined;
}

/** A value of ours under the shape of its layer. */
export function valueAt(to: Building, index: number, isLast: boolean): Value {
  return { index, shape: to.shapes[index] ?? [], isLast };
}

/** Layers that a graph may make: a few for each of its nodes. */
const MOST_LAYERS = 20_000;

/** @returns the value of the new layer */
function push(to: Building, layer: BuiltLayer): number {
  if (to.layers.length >= MOST_LAYERS) {
    throw new RangeError(
      `${layer.where}: expected a network of at most ${MOST_LAYERS} layers, got more. Use a smaller network.`,
    );
  }
  to.layers.push(layer);
  return to.shapes.push(layer.output) - 1;
}

/** A value as a layer can read it: a view becomes a layer, once. @returns its index */
function settle(to: Building, where: string, { index, shape }: Value): number {
  const own = to.shapes[index] ?? [];
  if (formatShape(own) === formatShape(shape)) return index;
  const key = `${index}: ${formatShape(shape)}`;
  const known = to.views.get(key);
  if (known !== undefined) return known;
  const spec: LayerSpec = shape.length === 1 ? { type: 'flatten' } : { type: 'reshape', shape };
  const layer = inferLayer(where, spec, to.layers.length, [index], to.shapes);
  const view = push(to, { ...layer, weights: {}, hint: undefined });
  to.views.set(key, view);
  return view;
}

/**
 * The network whose output is `output`, without the layers that it does not need.
 * @throws {TypeError | RangeError | ShapeError} if it is no network.
 */
export function finishBuilding(
  to: Building,
  output: Value,
): { readonly spec: ModelSpec; readonly weights: Map<string, Tensor> } {
  if (output.parts !== undefined) {
    throw new ShapeError(
      'output: expected features in the order of channels, got an image flattened with its channels last. Add a dense layer after it, or leave out the flatten.',
    );
  }
  const settled = settle(to, 'output', output);
  const last =
    settled === 0
      ? addLayer(to, 'output', { type: 'identity' }, [valueAt(to, 0, false)])
      : undefined;
  const layers = liveLayers(to, last?.index ?? settled);
  const names = namesOf(layers);
  const spec = checkSpec({
    inputShape: to.inputShape,
    ...(to.normalize && { normalize: to.normalize }),
    layers: layers.map(({ spec, index, inputs }, place) => {
      const before = layers[place - 1]?.index ?? -1;
      const isNext = inputs.length === 1 && inputs[0] === before + 1;
      const name = names.get(index);
      return {
        ...spec,
        ...(name !== undefined && { name }),
        ...(!isNext && { inputs: inputs.map((value) => names.get(value - 1) ?? 'input') }),
      };
    }),
  });
  const weights = new Map(
    inferNetwork(spec).layers.flatMap(({ parameters }, place) =>
      parameters.map(({ key, name }): [string, Tensor] => {
        const tensor = layers[place]?.weights[name];
        if (tensor === undefined) throw new Error(`internal: no tensor ${key}`);
        return [key, { shape: [...tensor.shape], data: tensor.data }];
      }),
    ),
  );
  checkWeights('weights', inferNetwork(spec), weights);
  return { spec, weights };
}

/** The layers that the output needs, in order: it is the last. */
function liveLayers({ layers }: Building, output: number): readonly BuiltLayer[] {
  const needed = new Set([output]);
  for (let index = layers.length - 1; index >= 0; index--) {
    if (!needed.has(index + 1)) continue;
    for (const value of layers[index]?.inputs ?? []) needed.add(value);
  }
  return layers.filter(({ index }) => needed.has(index + 1));
}

/** Names of the layers that have one in the graph and parameters of that name, or that others read out of turn. */
function namesOf(layers: readonly BuiltLayer[]): ReadonlyMap<number, string> {
  const named = new Set<number>();
  for (const [place, { inputs, index, hint, parameters }] of layers.entries()) {
    if (hint !== undefined && parameters.length > 0) named.add(index);
    const before = layers[place - 1]?.index ?? -1;
    const isNext = inputs.length === 1 && inputs[0] === before + 1;
    for (const value of isNext ? [] : inputs) named.add(value - 1);
  }
  const taken = new Set<string>(['input']);
  const names = new Map<number, string>();
  for (const { index, hint, spec } of layers) {
    if (!named.has(index)) continue;
    const wanted = hint ?? `${spec.type}${index}`;
    let name = wanted;
    for (let again = 2; taken.has(name); again++) name = `${wanted}_${again}`;
    taken.add(name);
    names.set(index, name);
  }
  return names;
}

/** A text as a name of a layer: what is no name becomes `_`; undefined if nothing is left of it. */
export function asName(text: string): string | undefined {
  const name = text
    .slice(0, 200)
    .replaceAll(/[^\w.-]+/g, '_')
    .replace(/^[^A-Za-z]+/, '');
  return name === '' || name === 'input' ? undefined : name;
}

/** Elements of a value. */
export function sizeOf({ shape }: Value): number {
  return elementCount(shape);
}
