/**
 * What exporters write as several nodes and is one layer: `gelu` from Erf, `silu` from Sigmoid, a group normalisation from
 * an instance normalisation between two reshapes. The last node of such a group becomes a node of the operator that the
 * group means, under names of our own if opset 21 has none; the others are then read by nobody.
 * @module
 */
import type { Constant } from './constants.ts';
import { type GraphNode, numberIn } from './node.ts';

/** What is known of a graph while its idioms are looked for. */
export interface Lookup {
  /** The nodes by the value that they give. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly constants: ReadonlyMap<string, Constant>;
}

/** Operators that are no one's: what a group of nodes means. */
export const OWN = {
  hardSigmoid: 'convlet.HardSigmoid',
  silu: 'convlet.Silu',
  groupNorm: 'convlet.GroupNorm',
} as const;

/** The form of a value: anything (`x`, everywhere the same), a number, or an operator over such. */
type Form = 'x' | number | Over;

interface Over {
  readonly opType: string;
  readonly operands: readonly Form[];
}

function over(opType: string, ...operands: readonly Form[]): Over {
  return { opType, operands };
}

const ERFS = [over('Div', 'x', Math.SQRT2), over('Mul', 'x', Math.SQRT1_2)].map((scaled) =>
  over('Add', over('Erf', scaled), 1),
);
const CLIP = over('Clip', over('Add', 'x', 3), 0, 6);

const FORMS: readonly (readonly [form: Over, means: string])[] = [
  ...ERFS.flatMap((erf): [Over, string][] => [
    [over('Mul', over('Mul', 'x', erf), 0.5), 'Gelu'],
    [over('Mul', over('Mul', 'x', 0.5), erf), 'Gelu'],
    [over('Mul', 'x', over('Mul', erf, 0.5)), 'Gelu'],
  ]),
  [over('Mul', 'x', over('Sigmoid', 'x')), OWN.silu],
  [over('Mul', 'x', over(OWN.hardSigmoid, 'x')), 'HardSwish'],
  [over('Div', over('Mul', 'x', CLIP), 6), 'HardSwish'],
  [over('Mul', over('Mul', 'x', CLIP), 1 / 6), 'HardSwish'],
  [over('Div', CLIP, 6), OWN.hardSigmoid],
  [over('Mul', CLIP, 1 / 6), OWN.hardSigmoid],
];

/** What a node is with those before it as one, or the node itself. */
export function idiomOf(node: GraphNode, lookup: Lookup): GraphNode {
  const plain = isHardSigmoid(node) ? { ...node, opType: OWN.hardSigmoid } : node;
  for (const [form, means] of FORMS) {
    const [x] = matchNode(plain, form, lookup, undefined);
    if (x !== undefined) {
      return { ...plain, opType: means, inputs: [x], attributes: new Map() };
    }
  }
  return groupNorm(plain, lookup) ?? withBias(plain, lookup) ?? plain;
}

/** `max(0, min(1, x / 6 + ½))`, as ours is. */
function isHardSigmoid(node: GraphNode): boolean {
  if (node.opType !== 'HardSigmoid') return false;
  return isNear(numberIn(node, 'alpha', 0.2), 1 / 6) && numberIn(node, 'beta', 0.5) === 0.5;
}

function isNear(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= 1e-6 * Math.abs(expected);
}

/** The names that `x` may have for a value to be of a form. Forms are small: so is the search. */
function match(
  given: string | number,
  form: Form,
  lookup: Lookup,
  x: string | undefined,
): readonly (string | undefined)[] {
  if (typeof form === 'number') {
    const { data } = lookup.constants.get(String(given)) ?? {};
    const value = typeof given === 'number' ? given : data?.length === 1 ? data[0] : undefined;
    return value !== undefined && isNear(value, form) ? [x] : [];
  }
  if (typeof given === 'number') return [];
  if (form === 'x') return x === undefined || x === given ? [given] : [];
  const node = lookup.nodes.get(given);
  return node === undefined ? [] : matchNode(node, form, lookup, x);
}

function matchNode(
  node: GraphNode,
  { opType, operands }: Over,
  lookup: Lookup,
  x: string | undefined,
): readonly (string | undefined)[] {
  const given = operandsOf(node);
  if (node.opType !== opType || given.length !== operands.length) return [];
  const orders = opType === 'Add' || opType === 'Mul' ? [given, given.toReversed()] : [given];
  return orders.flatMap((inputs) =>
    operands.reduce<readonly (string | undefined)[]>(
      (found, operand, i) =>
        found.flatMap((bound) => match(inputs[i] ?? '', operand, lookup, bound)),
      [x],
    ),
  );
}

/** What a node reads; before opset 11 the limits of a clip were attributes. */
function operandsOf({ opType, inputs, attributes }: GraphNode): readonly (string | number)[] {
  const limits = [attributes.get('min'), attributes.get('max')];
  const isOld = opType === 'Clip' && limits.every((limit) => typeof limit === 'number');
  return isOld ? [...inputs, ...(limits as number[])] : inputs;
}

/** `Reshape [N, groups, −1] → InstanceNormalization of ones and zeros → Reshape back`, and then `Mul`, `Add` for each channel. */
function groupNorm(node: GraphNode, { nodes, constants }: Lookup): GraphNode | undefined {
  if (node.opType === 'Reshape') {
    const normal = nodes.get(node.inputs[0] ?? '');
    const rows = nodes.get(normal?.inputs[0] ?? '');
    if (normal?.opType !== 'InstanceNormalization' || rows?.opType !== 'Reshape') return undefined;
    const target = constants.get(rows.inputs[1] ?? '')?.data;
    const [scale, shift] = normal.inputs.slice(1).map((name) => constants.get(name)?.data);
    const isPlain = scale?.every((a: number) => a === 1) && shift?.every((a: number) => a === 0);
    if (!(isPlain && target?.length === 3 && scale !== undefined)) return undefined;
    const [x = ''] = rows.inputs;
    const attributes = new Map([...normal.attributes, ['num_groups', scale.length] as const]);
    // the shape that it is to have again is checked when x is known
    return {
      ...node,
      opType: OWN.groupNorm,
      inputs: [x, '', '', node.inputs[1] ?? ''],
      attributes,
    };
  }
  const [place, neutral] =
    node.opType === 'Mul' ? [1, ''] : node.opType === 'Add' ? [2, ''] : [0, ''];
  if (place === 0) return undefined;
  for (const [value = '', constant = ''] of [node.inputs, node.inputs.toReversed()]) {
    const normal = nodes.get(value);
    // a product after the sum would scale the sum too
    const isOpen =
      normal?.opType === OWN.groupNorm &&
      normal.inputs.slice(place, 3).every((input) => input === neutral);
    const shape = constants.get(constant)?.shape;
    if (!isOpen || normal === undefined || shape === undefined) continue;
    const axes = constants.get(normal.inputs[3] ?? '')?.data.length ?? 0;
    const [, ...plane] = shape.slice(-3);
    const isOfChannels = axes === 2 || (shape.length >= 3 && plane.every((size) => size === 1));
    if (!isOfChannels) continue;
    return {
      ...normal,
      title: node.title,
      output: node.output,
      inputs: normal.inputs.with(place, constant),
    };
  }
  return undefined;
}

/** A product with a constant and a sum with one, or a convolution without bias and such a sum, are one layer. */
function withBias(node: GraphNode, { nodes, constants }: Lookup): GraphNode | undefined {
  if (node.opType !== 'Add') return undefined;
  for (const [value = '', constant = ''] of [node.inputs, node.inputs.toReversed()]) {
    const before = nodes.get(value);
    const bias = constants.get(constant);
    const [, w = ''] = before?.inputs ?? [];
    if (before === undefined || bias === undefined || !constants.has(w)) continue;
    const [channels = 1, ...plane] = bias.shape.toReversed().slice(0, 3).toReversed();
    const isOfChannels = bias.shape.length >= 3 && plane.every((size) => size === 1);
    if (before.opType === 'MatMul' && bias.shape.length <= 2) {
      return {
        ...before,
        opType: 'Gemm',
        title: node.title,
        output: node.output,
        inputs: [...before.inputs, constant],
      };
    }
    const isConv = /^Conv(Transpose)?$/.test(before.opType) && before.inputs.length === 2;
    if (isConv && isOfChannels && channels > 1) {
      return {
        ...before,
        title: node.title,
        output: node.output,
        inputs: [...before.inputs, constant],
      };
    }
  }
  return undefined;
}
