/**
 * The beginning of an ONNX graph: what happens to pixels before the first layer becomes `normalize`, and an image whose channels
 * are last is turned by the transposition that follows it.
 * @module
 */
import { describe, FormatError } from '../../base/errors.ts';
import type { Shape } from '../../base/types.ts';
import type { Normalization } from '../../compile/normalization.ts';
import { type Building, beginBuilding, spend, type Value } from '../network/building.ts';
import { toFirst } from '../network/views.ts';
import { type Constant, isFloatType } from './constants.ts';
import { type GraphNode, listIn, numberIn } from './node.ts';
import { perChannel } from './place.ts';
import type { FileGraph } from './read.ts';

/** Number of TensorProto.DataType: pixels as bytes. */
const BYTES = 2;

export interface Beginning {
  readonly to: Building;
  /** Name of the value that the first layer reads, and the value itself: the image. */
  readonly name: string;
  readonly value: Value;
  /** The nodes that are part of it. */
  readonly absorbed: ReadonlySet<GraphNode>;
}

/** @param nodes Those that the output needs. @param fileBytes Length of the file. */
export function beginGraph(
  { input }: FileGraph,
  nodes: readonly GraphNode[],
  constants: ReadonlyMap<string, Constant>,
  fileBytes: number,
): Beginning {
  const readers = (name: string) => nodes.filter(({ inputs }) => inputs.includes(name));
  const chain = chainOf(input.name, readers, constants);
  const end = chain.at(-1)?.output ?? input.name;
  const ends = readers(end);
  const isLast = ends.length > 0 && ends.every((node) => isToFirst(node));
  const sizes = imageSizes(input.sizes, input.type);
  const shape = isLast ? toFirst(sizes) : sizes;
  const to = beginBuilding(IMAGES[sizes.length - 1]?.(shape) ?? shape, fileBytes);
  const value: Value = { index: 0, shape, isLast };
  const absorbed = new Set<GraphNode>();
  let name = input.name;
  let state: Scale = { mean: [0], deviation: [1] };
  for (const node of chain) {
    const next = applied(to, node, state, value, constants);
    if (next === undefined) break;
    state = next;
    absorbed.add(node);
    name = node.output;
  }
  const white = input.type === BYTES ? 255 : 1; // bytes are pixels / 255 here, wherever the graph casts them
  const over = (numbers: readonly number[]) => numbers.map((number) => number / white);
  to.normalize = normalizationOf({ mean: over(state.mean), deviation: over(state.deviation) });
  return { to, name, value, absorbed };
}

/** Rows of numbers are images of one pixel, and tables have one channel: the graph has another view of the same numbers. */
const IMAGES: readonly ((shape: Shape) => Shape)[] = [
  ([features = 1]) => [features, 1, 1],
  ([height = 1, width = 1]) => [1, height, width],
];

function isToFirst(node: GraphNode): boolean {
  return node.opType === 'Transpose' && String(listIn(node, 'perm')) === '0,3,1,2';
}

/** `(pixel − mean) / deviation`, with a number for all channels or one for each. */
type Scale = Normalization;

function normalizationOf({ mean, deviation }: Scale): Normalization | undefined {
  const isNothing = mean.every((m) => m === 0) && deviation.every((d) => d === 1);
  return isNothing ? undefined : { mean, deviation };
}

const AFFINE: readonly string[] = ['Add', 'Sub', 'Mul', 'Div', 'Cast', 'Identity'];

/** The nodes of one value and constants that follow one another from the image on, each read by the next alone. */
function chainOf(
  input: string,
  readers: (name: string) => readonly GraphNode[],
  constants: ReadonlyMap<string, Constant>,
): readonly GraphNode[] {
  const chain: GraphNode[] = [];
  for (let name = input; ; ) {
    const [node, ...others] = readers(name);
    if (node === undefined || others.length > 0 || !AFFINE.includes(node.opType)) return chain;
    const isOne = node.inputs.filter((other) => !constants.has(other)).length === 1;
    if (!isOne) return chain;
    chain.push(node);
    name = node.output;
  }
}

/** A scale and the node after it as one; undefined if it is none of channels, or turns light to dark. */
function applied(
  to: Building,
  node: GraphNode,
  { mean, deviation }: Scale,
  image: Value,
  constants: ReadonlyMap<string, Constant>,
): Scale | undefined {
  if (node.opType === 'Identity') return { mean, deviation };
  if (node.opType === 'Cast') {
    return isFloatType(numberIn(node, 'to')) ? { mean, deviation } : undefined;
  }
  const [first = '', second = ''] = node.inputs;
  const constant = constants.get(constants.has(second) ? second : first);
  const numbers = constant && perChannel(constant, image);
  const isOrdered = constants.has(second) || node.opType === 'Add' || node.opType === 'Mul';
  if (numbers === undefined || !isOrdered || numbers.length === 0) return undefined;
  const length = Math.max(mean.length, deviation.length, numbers.length);
  spend(to, node.title, 2 * length);
  const at = (list: ArrayLike<number>, i: number) => list[i % list.length] ?? 0;
  const each = (of: (mean: number, deviation: number, number: number) => number) =>
    Array.from({ length }, (_, i) => of(at(mean, i), at(deviation, i), at(numbers, i)));
  const by: Readonly<Record<string, () => Scale>> = {
    Add: () => ({ mean: each((m, d, c) => m - c * d), deviation }),
    Sub: () => ({ mean: each((m, d, c) => m + c * d), deviation }),
    Mul: () => ({ mean, deviation: each((_, d, c) => d / c) }),
    Div: () => ({ mean, deviation: each((_, d, c) => d * c) }),
  };
  const next = by[node.opType]?.();
  const isRight = (list: readonly number[], above: number) =>
    list.every((v) => Number.isFinite(Math.fround(v)) && Math.fround(v) > above);
  return next && isRight(next.deviation, 0) && isRight(next.mean, Number.NEGATIVE_INFINITY)
    ? next
    : undefined;
}

/** Channels, height and width in the order of the file, or fewer of them. @throws {FormatError} unless they are known. */
function imageSizes(sizes: readonly number[], type: number): Shape {
  const [, ...image] = sizes;
  if (image.length < 1 || image.length > 3 || !image.every(Number.isSafeInteger)) {
    throw new FormatError(
      `input: expected images of known sizes [batch, channels, height, width], got ${describe(sizes.map((size) => (Number.isNaN(size) ? '?' : String(size))).join('×') || 'none')}. Export it with fixed sizes.`,
      0,
    );
  }
  if (isFloatType(type) || type === BYTES) return image;
  throw new FormatError(
    `input: expected floats or bytes, got type ${type} of ONNX. Export it with such an input.`,
    0,
  );
}
