/**
 * Which values of a network share scale and zero.
 *
 * A layer that only moves numbers gives its output those of its input. A ReLU costs nothing if nothing else reads what it
 * reads: the layer before it then writes with the scale of the ReLU's output, whose zero is the lowest number, and
 * saturation is the ReLU. That holds through layers that move numbers, too.
 * @module
 */
import type { Network, NetworkLayer } from '../../compile/network.ts';

/** Layers whose output is some of the numbers of their input, or zeros. */
const MOVES: readonly string[] = [
  'crop2d',
  'dropout',
  'flatten',
  'globalMaxPool2d',
  'identity',
  'maxPool2d',
  'reshape',
  'zeroPad2d',
];

const RECTIFIERS: readonly string[] = ['relu', 'relu6'];

/** Layers that scale what they compute, and so may do it to any scale. */
const SCALING: readonly string[] = [
  'add',
  'averagePool2d',
  'concat',
  'conv2d',
  'dense',
  'depthwiseConv2d',
  'globalAveragePool2d',
];

/** Values that share, and what their numbers are calibrated on. */
export interface Groups {
  /** The first value of each value's group. */
  readonly rootOf: readonly number[];
  /** By root: the values whose range is that of the group. */
  readonly measured: ReadonlyMap<number, readonly number[]>;
  /** Whether a layer is a ReLU that the layer before it does. */
  isFree(layer: NetworkLayer): boolean;
}

export function groupsOf({ layers, shapes }: Network): Groups {
  const readers = shapes.map(() => 0);
  for (const value of layers.flatMap(({ inputs }) => inputs))
    readers[value] = (readers[value] ?? 0) + 1;
  const rootOf = [0];
  const measured = new Map<number, number[]>([[0, [0]]]);
  const free = new Set<number>();
  const members = (root: number) => rootOf.flatMap((own, value) => (own === root ? [value] : []));
  for (const { index, inputs, spec } of layers) {
    const value = index + 1;
    const root = rootOf[inputs[0] ?? 0] ?? 0;
    const isFree =
      RECTIFIERS.includes(spec.type) &&
      SCALING.includes(layers[root - 1]?.spec.type ?? '') &&
      members(root).every((member) => readers[member] === 1);
    if (isFree) {
      free.add(index);
      measured.set(root, [value]);
    }
    const joins = isFree || MOVES.includes(spec.type);
    rootOf[value] = joins ? root : value;
    if (!joins) measured.set(value, [value]);
  }
  return { rootOf, measured, isFree: ({ index }) => free.has(index) };
}
