/**
 * From a spec to a network: the shape between any two layers, and every parameter's place in the one block.
 * Pure: no memory, no batch.
 * @module
 */

import { elementCount } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { definitionOf, type LayerSpec } from '../layers/index.ts';
import type { LayerDefinition, ParameterDefinition } from '../layers/layer.ts';
import { layerName, type ModelSpec } from './spec.ts';

/** A parameter and where it lies in the block, in elements. */
export interface Parameter extends ParameterDefinition {
  /** As in a torch `Sequential`: `0.weight`. */
  readonly key: string;
  readonly offset: number;
  readonly length: number;
}

/** A layer between its shapes, each of one image. */
export interface NetworkLayer {
  readonly spec: LayerSpec;
  readonly definition: LayerDefinition<LayerSpec>;
  readonly input: Shape;
  readonly output: Shape;
  readonly parameters: readonly Parameter[];
}

export interface Network {
  readonly spec: ModelSpec;
  readonly layers: readonly NetworkLayer[];
  readonly output: Shape;
  /** Elements of the block that holds all parameters: layers in order, weight before bias, without gaps. */
  readonly parameterCount: number;
}

/** Most elements that a kernel's signed counts and 32-bit addresses can span. */
const MAX_ELEMENTS = 2 ** 30;

/**
 * Infers every shape of a checked spec.
 * @throws {TypeError | RangeError | ShapeError} naming the layer where an option or a shape does not fit.
 */
export function inferNetwork(spec: ModelSpec): Network {
  const layers: NetworkLayer[] = [];
  let input = spec.inputShape;
  let offset = 0;
  for (const [index, layer] of spec.layers.entries()) {
    const where = layerName(index, layer);
    const definition = definitionOf(layer);
    const output = definition.outputShape(where, layer, input);
    const parameters = place(definition.parameters(layer, input), index, offset);
    offset += parameters.reduce((sum, { length }) => sum + length, 0);
    if (!(offset <= MAX_ELEMENTS && elementCount(output) <= MAX_ELEMENTS)) {
      throw new RangeError(
        `${where}: expected at most 2³⁰ parameters and outputs, got ${offset.toLocaleString('en')} parameters. Use fewer units or filters.`,
      );
    }
    layers.push({ spec: layer, definition, input, output, parameters });
    input = output;
  }
  return { spec, layers, output: input, parameterCount: offset };
}

/** Multiplications of one image forward, roughly: each weight once for every pixel of its layer's output. */
export function workOf({ layers }: Network): number {
  return layers.reduce((total, { output: [, height = 1, width = 1], parameters }) => {
    const weights = parameters.reduce((sum, { length }) => sum + length, 0);
    return total + weights * height * width;
  }, 0);
}

function place(
  definitions: readonly ParameterDefinition[],
  index: number,
  start: number,
): Parameter[] {
  let offset = start;
  return definitions.map((definition) => {
    const length = elementCount(definition.shape);
    const placed = { ...definition, key: `${index}.${definition.name}`, offset, length };
    offset += length;
    return placed;
  });
}
