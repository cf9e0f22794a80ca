/**
 * From a spec to a network: what each layer reads, the shape of every value, and every parameter's place in the one block.
 * Pure: no memory, no batch.
 *
 * Values are the tensors between layers, by number: 0 is the image, i + 1 the output of layer i.
 * @module
 */
import { elementCount } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import type { PlacedDefinition } from '../layers/factory.ts';
import type { ParameterDefinition, Shapes } from '../layers/layer.ts';
import { definitionOf, type LayerSpec } from '../layers/registry.ts';
import { inputsOf, layerName, type ModelSpec } from './spec.ts';

/** A parameter and where it lies in the block, in elements. */
export interface Parameter extends ParameterDefinition {
  /** `3.weight`, or `name.weight` if the layer has a name: as in a torch module. */
  readonly key: string;
  readonly offset: number;
  readonly length: number;
  /** Trained, and not of a frozen layer. */
  readonly learns: boolean;
}

/** A layer between its values. */
export interface NetworkLayer {
  /** Begins its messages: `layers[0] conv2d`. */
  readonly where: string;
  readonly index: number;
  readonly spec: LayerSpec;
  readonly definition: PlacedDefinition<LayerSpec>;
  /** The values that it reads. */
  readonly inputs: readonly number[];
  /** Of one image each. */
  readonly inputShapes: Shapes;
  readonly output: Shape;
  readonly parameters: readonly Parameter[];
}

export interface Network {
  readonly spec: ModelSpec;
  readonly layers: readonly NetworkLayer[];
  /** Of one image, by value. */
  readonly shapes: readonly Shape[];
  readonly output: Shape;
  /** In the order of the block: the trained ones by layer, then the running ones, without gaps. */
  readonly parameters: readonly Parameter[];
  /** Elements of the trained parameters: the first so many of the block. */
  readonly trainedCount: number;
  /** Elements of the block. */
  readonly blockLength: number;
}

/** Most elements that a kernel's signed counts and 32-bit addresses can span. */
const MAX_ELEMENTS = 2 ** 30;

/**
 * Infers every shape of a checked spec.
 * @throws {TypeError | RangeError | ShapeError} naming the layer whose option or shape does not fit.
 */
export function inferNetwork(spec: ModelSpec): Network {
  const shapes: Shape[] = [spec.inputShape];
  let count = 0;
  const layers = inputsOf(spec.layers).map((inputs, index) => {
    const own = spec.layers[index] as LayerSpec; // a list as long
    const layer = inferLayer(layerName(index, own), own, index, inputs, shapes);
    shapes.push(layer.output);
    count += lengthOf(layer.parameters);
    checkCount(layerName(index, own), 'parameters', count);
    return layer;
  });
  const all = layers.flatMap(({ parameters }) => parameters);
  checkKeys(layers);
  const trained = place(all, 'trained', 0);
  const trainedCount = lengthOf(trained);
  const parameters = [...trained, ...place(all, 'running', trainedCount)];
  const blockLength = lengthOf(parameters);
  const placed = new Map(parameters.map((parameter) => [parameter.key, parameter]));
  return {
    spec,
    layers: layers.map((layer) => ({
      ...layer,
      parameters: layer.parameters.map(({ key }) => placed.get(key) as Parameter), // all are placed
    })),
    shapes,
    output: shapes.at(-1) ?? [],
    parameters,
    trainedCount,
    blockLength,
  };
}

/** Throws if two layers have a parameter of one name: those of `a` and `a.depthwise` may. */
function checkKeys(layers: readonly NetworkLayer[]): void {
  const owners = new Map<string, string>();
  for (const { where, parameters } of layers) {
    for (const { key } of parameters) {
      const owner = owners.get(key);
      if (owner !== undefined) {
        throw new RangeError(
          `${where}: expected parameters with names of their own, got ${key}, which ${owner} has. Give the layer another name.`,
        );
      }
      owners.set(key, where);
    }
  }
}

/** Multiplications of one image forward, roughly: each weight once for every pixel of its layer's output. */
export function workOf({ layers }: Network): number {
  return layers.reduce((total, { output: [, height = 1, width = 1], parameters }) => {
    return total + lengthOf(parameters) * height * width;
  }, 0);
}

/** A layer alone; its parameters are not placed yet. `where` begins the messages. */
export function inferLayer(
  where: string,
  spec: LayerSpec,
  index: number,
  inputs: readonly number[],
  shapes: readonly Shape[],
): NetworkLayer {
  const definition = definitionOf(spec);
  const inputShapes = inputs.map((value) => shapes[value]) as unknown as Shapes; // values that exist, one at least
  const output = definition.outputShape(where, spec, inputShapes);
  checkCount(where, 'outputs', elementCount(output));
  const parameters = (definition.parameters?.(spec, inputShapes) ?? []).map((parameter) => ({
    ...parameter,
    key: `${spec.name ?? index}.${parameter.name}`,
    offset: 0,
    length: elementCount(parameter.shape),
    learns: parameter.role === 'trained' && !('trainable' in spec && spec.trainable === false),
  }));
  return { where, index, spec, definition, inputs, inputShapes, output, parameters };
}

function checkCount(where: string, what: string, count: number): void {
  if (count <= MAX_ELEMENTS) return;
  throw new RangeError(
    `${where}: expected at most 2³⁰ ${what}, got ${count.toLocaleString('en')}. Use fewer units or filters.`,
  );
}

/** Those of one role, one after another from an offset on. */
function place(
  parameters: readonly Parameter[],
  role: Parameter['role'],
  start: number,
): Parameter[] {
  let offset = start;
  return parameters
    .filter((parameter) => parameter.role === role)
    .map((parameter) => {
      const placed = { ...parameter, offset };
      offset += parameter.length;
      return placed;
    });
}

function lengthOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((total, { length }) => total + length, 0);
}
