/** Golden vectors of PyTorch: how they spell tensors and networks, and when a result agrees with them. */
import { readdirSync, readFileSync } from 'node:fs';
import { type LayerSpec, layers, type ModelSpec, type Tensor } from 'convlet';
import { expect } from 'vitest';
import { sharedPath } from './shared.ts';

export interface Encoded {
  readonly shape: number[];
  readonly encoding?: 'base64-le';
  readonly data: string | (number | string)[];
}

/** Tensors by name. */
export type Block = { readonly [name: string]: Encoded };

/** How far a result may be from a vector. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol_rel_to_absmax: number;
}

export function readVector<Vector>(path: string): Vector {
  return JSON.parse(readFileSync(path, 'utf8'));
}

export function decode({ shape, encoding, data }: Encoded): Tensor {
  if (encoding === undefined) return { shape, data: Float32Array.from(data as number[], Number) };
  const bytes = Buffer.from(data as string, 'base64');
  return { shape, data: new Float32Array(Uint8Array.from(bytes).buffer) };
}

/** What `setWeights` takes. */
export function decodeAll(block: Block): Map<string, Tensor> {
  return new Map(Object.entries(block).map(([name, value]) => [name, decode(value)]));
}

/**
 * Throws unless every number is as near as the vector asks; NaN must meet NaN.
 * @param other As right as `expected`: the derivatives from the other side of a kink.
 */
export function expectNear(
  got: Tensor,
  expected: Tensor,
  { rtol, atol_rel_to_absmax: atol }: Tolerance,
  what: string = 'y',
  other: Tensor = expected,
): void {
  expect(got.data.length, what).toBe(expected.data.length);
  expect(got.data.length, what).toBeGreaterThan(0);
  const largest = expected.data.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    1,
  );
  const wrong = [...expected.data].flatMap((value, i) => {
    const actual = got.data[i];
    const allowed = atol * largest + rtol * Math.abs(value);
    const isRight = [value, other.data[i] ?? value].some(
      (right) => Object.is(actual, right) || Math.abs((actual ?? Number.NaN) - right) <= allowed,
    );
    return isRight ? [] : [{ i, actual, value }];
  });
  expect(wrong, what).toEqual([]);
}

/** Largest distance, NaN where one is not a number; says that something was compared. */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(got.length).toBe(expected.length);
  expect(got.length).toBeGreaterThan(0);
  return Array.from(got).reduce((most, value, i) => {
    const difference = Math.abs(value - (expected[i] ?? Number.NaN));
    return difference <= most ? most : difference;
  }, 0);
}

/** A layer of a network in PyTorch's words. */
export interface Node {
  readonly name: string;
  readonly type: string;
  readonly options: { readonly [option: string]: unknown };
  readonly inputs: readonly string[];
}

type Pair = readonly [number, number];

/** Our layers by the types of the vectors. */
const layerOf: { readonly [type: string]: (options: Node['options']) => LayerSpec } = {
  conv: (o) =>
    layers.conv2d({
      filters: o.out_channels as number,
      kernelSize: o.kernel as Pair,
      strides: o.stride as Pair,
      padding: o.padding as Pair,
      groups: o.groups as number,
      useBias: o.bias as boolean,
    }),
  conv_transpose: (o) =>
    layers.conv2dTranspose({
      filters: o.out_channels as number,
      kernelSize: o.kernel as Pair,
      strides: o.stride as Pair,
      padding: o.padding as Pair,
      outputPadding: o.output_padding as Pair,
      groups: o.groups as number,
      useBias: o.bias as boolean,
    }),
  group_norm: (o) => layers.groupNorm({ groups: o.groups as number, epsilon: o.eps as number }),
  batch_norm: (o) => layers.batchNorm({ momentum: o.momentum as number, epsilon: o.eps as number }),
  dense: (o) => layers.dense({ units: o.out_features as number, useBias: o.bias as boolean }),
  max_pool: (o) =>
    layers.maxPool2d({
      poolSize: o.kernel as Pair,
      strides: o.stride as Pair,
      padding: o.padding as Pair,
    }),
  avg_pool: (o) =>
    layers.averagePool2d({
      poolSize: o.kernel as Pair,
      strides: o.stride as Pair,
      padding: o.padding as Pair,
    }),
  global_avg_pool: () => layers.globalAveragePool2d(),
  relu: () => layers.relu(),
  relu6: () => layers.relu6(),
  hard_swish: () => layers.hardSwish(),
  silu: () => layers.silu(),
  sigmoid: () => layers.sigmoid(),
  flatten: () => layers.flatten(),
  add: () => layers.add(),
  concat: () => layers.concat(),
};

/** Types of the nodes that are not among our layers, or not in `layerOf` yet. */
export function unknownTypes(nodes: readonly Node[]): string[] {
  return [...new Set(nodes.map(({ type }) => type))].filter((type) => layerOf[type] === undefined);
}

/** Whether a network puts out an image that is to be like its input; others put out logits. */
export function isAutoencoder(nodes: readonly Node[]): boolean {
  return nodes.at(-1)?.type === 'sigmoid';
}

/** A network on MNIST's images under the names of the vector, with a final softmax for its logits. */
export function specOf(nodes: readonly Node[]): ModelSpec {
  const named = nodes.map(({ name, type, options, inputs }, i) => {
    const layer = layerOf[type];
    if (layer === undefined) throw new Error(`internal: no layer for ${type}`);
    const follows = inputs.length === 1 && inputs[0] === (nodes[i - 1]?.name ?? 'input');
    return { ...layer(options), name, ...(!follows && { inputs }) };
  });
  const last = isAutoencoder(nodes) ? [] : [layers.softmax()];
  return { inputShape: [1, 28, 28], layers: [...named, ...last] };
}

/** The cases of the library's vectors whose names match; none if they are not at hand. */
export function libraryVectors<Case>(names: RegExp): (Case & { readonly name: string })[] {
  const folder = sharedPath('vectors/library');
  if (folder === undefined) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.json') && names.test(file));
  return files.map((file) => readVector(`${folder}/${file}`));
}
