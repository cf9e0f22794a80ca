/**
 * A network in stages: a layer that makes something new, and those behind it that change its numbers one by one, such as
 * activations and normalisation. Stages follow from the sizes of the values and parameters alone, so that this page shows
 * layers of any type.
 * @module
 */
import type { LayerSpec, Shape } from 'convlet';
import { type Frame, parametersOf, valueAt } from './forward.ts';

export interface Stage {
  /** Indices of its layers: the first makes something new. */
  readonly layers: readonly [number, ...number[]];
  /** Number of the value that is shown: the output of the last layer. */
  readonly value: number;
  /** The stage that it reads, if that is one; none if it reads the image. */
  readonly before: Stage | undefined;
  /** First layer of the stage that its channels come from one by one: of an earlier stage if they are pooled from it. */
  readonly source: number;
}

/** The stages of a network, in the order of the data. Layers that only give a value another shape are in none. */
export function stagesOf(frame: Frame): Stage[] {
  const stages: Stage[] = [];
  const places = new Map<number, number>(); // of stages, by the values that show them
  for (const [layer, inputs] of frame.inputs.entries()) {
    const [input = 0] = inputs;
    const place = inputs.length === 1 ? places.get(input) : undefined;
    const before = place === undefined ? undefined : stages[place];
    const value = layer + 1;
    if (isReshaped(frame, layer)) {
      if (place !== undefined) places.set(value, place);
    } else if (place !== undefined && before?.value === input && isJoined(frame, layer)) {
      stages[place] = { ...before, layers: [...before.layers, layer], value };
      places.set(value, place);
    } else {
      places.set(value, stages.length);
      const source = before !== undefined && keepsChannels(frame, layer) ? before.source : layer;
      stages.push({ layers: [layer], value, before, source });
    }
  }
  return stages;
}

/** The first layer of a stage: the one that makes something new. */
export function makerOf({ spec }: Frame, { layers: [first] }: Stage): LayerSpec {
  const layer = spec.layers[first];
  if (layer === undefined) throw new Error(`internal: expected layer ${first}, got none.`);
  return layer;
}

/** Whether a layer gives the same numbers another shape. */
function isReshaped(frame: Frame, layer: number): boolean {
  const [from, to] = shapesOf(frame, layer);
  const sizeOf = (shape: Shape) => shape.reduce((product, size) => product * size, 1);
  return isAlone(frame, layer) && sizeOf(from) === sizeOf(to) && String(from) !== String(to);
}

/** Whether a layer changes, number by number, a value that no other layer reads. */
function isJoined(frame: Frame, layer: number): boolean {
  const [from, to] = shapesOf(frame, layer);
  const [input] = frame.inputs[layer] ?? [];
  const readers = frame.inputs.flat().filter((value) => value === input).length;
  return isAlone(frame, layer) && readers === 1 && String(from) === String(to);
}

/** Whether a layer makes each channel from the same channel before it. */
function keepsChannels(frame: Frame, layer: number): boolean {
  const [from, to] = shapesOf(frame, layer);
  return isAlone(frame, layer) && from.length === 4 && to.length === 4 && from[1] === to[1];
}

/** Whether a layer reads one value, and mixes nothing by weights: all its parameters are numbers of a channel. */
function isAlone({ inputs, weights, spec }: Frame, index: number): boolean {
  const layer = spec.layers[index];
  if (inputs[index]?.length !== 1 || layer === undefined) return false;
  return Object.values(parametersOf(weights, layer, index)).every(({ shape }) => shape.length < 2);
}

/** Of the value that a layer reads first, and of its output. */
function shapesOf({ inputs, values }: Frame, layer: number): readonly [from: Shape, to: Shape] {
  const shapeOf = (value: number) => valueAt(values, value).shape;
  return [shapeOf(inputs[layer]?.[0] ?? 0), shapeOf(layer + 1)];
}
