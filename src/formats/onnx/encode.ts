/**
 * ONNX, the exchange format of inference engines (onnx.ai): operators of opset 17, IR version 8, any batch size.
 *
 *   input [N, C, H, W] ─► a node or several for each layer, in their order ─► output
 *
 * Layouts are ours: NCHW, OIHW, and Gemm with transB for `w[out, in]`. Parameters keep their names. The encoder is
 * generated from the official schema (scripts/onnxMessages.js); it runs on the optional package protobufjs.
 * @module
 */

import { importOptional } from '../../base/optional.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import { inferNetwork, type NetworkLayer } from '../../compile/network.ts';
import type { Conv2dTransposeSpec } from '../../layers/conv2dTranspose.ts';
import type { GroupNormSpec } from '../../layers/groupNorm.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import type { SeparableConv2dSpec } from '../../layers/separableConv2d.ts';
import {
  contentOf,
  type ModelFile,
  type ModelSource,
  PREPROCESSING,
  weightOf,
} from '../convlet/source.ts';
import { convWindow, poolWindow, transposeWindow, type Window } from '../window.ts';
import type { onnx } from './messages.js';

export interface OnnxOptions {
  /** True makes the graph take bytes and divide them by 255 itself; otherwise it takes floats, pixel / 255. */
  readonly preprocessing?: boolean;
}

type Node = onnx.NodeProto.$Properties;
/** A whole number, a list of them, or a number that may be none. */
type Attribute = number | readonly number[] | { readonly float: number };
type Attributes = Readonly<Record<string, Attribute>>;

/** An operator on the inputs of a layer, and on its parameters in their order. */
interface Operator {
  readonly opType: string;
  readonly attributes?: Attributes;
}

/** A layer that takes several operators: writes them between `inputs` and `output`. */
type Composition = (part: LayerPart) => void;

/** Numbers of the schema's enums, which its generated module holds, too: TensorProto.DataType, AttributeType. */
const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const FLOAT_VALUE = 1;
const INT = 2;
const INTS = 7;

const OPSET = 17;
const IR_VERSION = 8;

/**
 * The model as an ONNX file, one graph from `input` to `output`.
 * @throws {Error} in one line, where the package protobufjs is absent.
 */
export async function encodeOnnx(
  source: ModelSource,
  { preprocessing = false }: OnnxOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { onnx } = await importOptional(
    'protobufjs@8.8.1',
    'ONNX export',
    () => import('./messages.js'),
  );
  const message = modelOf(contentOf(source), preprocessing);
  return new Uint8Array(onnx.ModelProto.encode(message).finish());
}

function modelOf(file: ModelFile, isBytes: boolean): onnx.ModelProto.$Properties {
  const { layers, parameters, output } = inferNetwork(file.spec);
  const before = isBytes ? divideBytes() : { nodes: [], initializers: [], x: 'input' };
  const after = graphOf(layers, before.x);
  return {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'convlet',
    metadataProps: [
      { key: 'convlet.spec', value: JSON.stringify(file.spec) },
      { key: 'convlet.seed', value: String(file.seed) },
      { key: 'convlet.preprocessing', value: PREPROCESSING },
    ],
    graph: {
      name: 'convlet',
      node: [...before.nodes, ...after.nodes],
      initializer: [
        ...before.initializers,
        ...parameters.map(({ key }) => initializer(key, weightOf(file, key))),
        ...after.initializers,
      ],
      input: [valueInfo('input', isBytes ? UINT8 : FLOAT, file.spec.inputShape)],
      output: [valueInfo('output', FLOAT, output)],
    },
  };
}

/** What is written of a graph. */
interface Graph {
  readonly nodes: Node[];
  /** Constants; parameters are none. */
  readonly initializers: onnx.TensorProto.$Properties[];
}

/** The nodes of all layers, from the tensor `x` to `output`. */
function graphOf(layers: readonly NetworkLayer[], x: string): Graph {
  const graph: Graph = { nodes: [], initializers: [] };
  const values = [x];
  for (const layer of layers) {
    const { index, spec, inputs, inputShapes, parameters } = layer;
    const name = `${spec.name ?? index}.${spec.type}`;
    const output = index === layers.length - 1 ? 'output' : name;
    values.push(output);
    const part = new LayerPart(
      graph,
      name,
      inputs.map((value) => values[value] ?? ''),
      parameters.map(({ key }) => key),
      output,
    );
    const operator = operatorOf(spec, inputShapes[0]);
    if (typeof operator === 'function') operator(part);
    else {
      const { opType, attributes } = operator;
      part.node(opType, [...part.inputs, ...part.parameters], attributes, output);
    }
  }
  return graph;
}

/** The part of a graph that stands for one layer. */
class LayerPart {
  readonly #graph: Graph;
  readonly #name: string;
  #count = 0;
  /** Names of tensors: what the layer reads, its parameters in their order, and what it makes. */
  readonly inputs: readonly string[];
  readonly parameters: readonly string[];
  readonly output: string;

  constructor(
    graph: Graph,
    name: string,
    inputs: readonly string[],
    parameters: readonly string[],
    output: string,
  ) {
    this.#graph = graph;
    this.#name = name;
    this.inputs = inputs;
    this.parameters = parameters;
    this.output = output;
  }

  /** Adds a node. @returns the name of its output, one of the part's own by default */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    output = this.#inner(opType),
  ): string {
    const name = output === this.output ? this.#name : output;
    const attribute = encodeAttributes(attributes);
    this.#graph.nodes.push({ name, opType, input: [...inputs], output: [output], attribute });
    return output;
  }

  /** Adds whole numbers, as shapes and axes are given. @returns their name */
  integers(...values: readonly number[]): string {
    const name = this.#inner('integers');
    const data = BigInt64Array.from(values, BigInt);
    const rawData = new Uint8Array(data.buffer);
    this.#graph.initializers.push({ name, dims: [data.length], dataType: INT64, rawData });
    return name;
  }

  /** Adds a row of one value. @returns its name */
  constants(length: number, value: number): string {
    const name = this.#inner('constants');
    const data = new Float32Array(length).fill(value);
    this.#graph.initializers.push(initializer(name, { shape: [length], data }));
    return name;
  }

  #inner(what: string): string {
    return `${this.#name}/${what}_${this.#count++}`;
  }
}

const operators: {
  readonly [Spec in LayerSpec as Spec['type']]: (
    spec: Spec,
    input: Shape,
  ) => Operator | Composition;
} = {
  add: () => ({ opType: 'Sum' }),
  batchNorm: ({ epsilon = 1e-5 }) => ({
    opType: 'BatchNormalization',
    attributes: { epsilon: { float: epsilon } },
  }),
  conv2d: (spec, input) => ({
    opType: 'Conv',
    attributes: convAttributes(convWindow(spec, input), spec.groups ?? 1),
  }),
  conv2dTranspose,
  dense: () => ({ opType: 'Gemm', attributes: { transB: 1 } }),
  depthwiseConv2d: (spec, input) => ({
    opType: 'Conv',
    attributes: convAttributes(convWindow(spec, input), input[0] ?? 1),
  }),
  dropout: () => ({ opType: 'Identity' }), // as it is when nothing trains
  flatten: () => ({ opType: 'Flatten', attributes: { axis: 1 } }),
  globalAveragePool2d: () => ({ opType: 'GlobalAveragePool' }),
  groupNorm,
  leakyRelu: ({ negativeSlope = 0.01 }) => ({
    opType: 'LeakyRelu',
    attributes: { alpha: { float: negativeSlope } },
  }),
  maxPool2d: (spec, input) => ({
    opType: 'MaxPool',
    attributes: windowAttributes(poolWindow(spec, input)),
  }),
  relu: () => ({ opType: 'Relu' }),
  separableConv2d,
  softmax: () => ({ opType: 'Softmax', attributes: { axis: -1 } }),
};

function operatorOf<Spec extends LayerSpec>(spec: Spec, input: Shape): Operator | Composition {
  // the table is keyed by the very `type` that tells the specs apart
  const operator = operators[spec.type] as unknown as (
    spec: Spec,
    input: Shape,
  ) => Operator | Composition;
  return operator(spec, input);
}

function convAttributes(window: Window, group: number): Attributes {
  return { ...windowAttributes(window), dilations: window.dilation, group };
}

/**
 * ONNX Runtime takes output padding below the stride alone. More of it, which dilation allows, is less cropping; if there is
 * too little to crop, outputs that hold the bias follow.
 */
function conv2dTranspose(spec: Conv2dTransposeSpec, input: Shape): Operator | Composition {
  const window = transposeWindow(spec, input);
  const { outputPadding, strides, sides } = window;
  const attributes = convAttributes(window, spec.groups ?? 1);
  const opType = 'ConvTranspose';
  if (outputPadding.every((extra, axis) => extra < (strides[axis] ?? 0))) {
    return { opType, attributes: { ...attributes, output_padding: outputPadding } };
  }
  const below = sides.bottom - outputPadding[0];
  const right = sides.right - outputPadding[1];
  const pads = [sides.top, sides.left, Math.max(below, 0), Math.max(right, 0)];
  const cropped = { opType, attributes: { ...attributes, pads } };
  if (below >= 0 && right >= 0) return cropped;
  return (part) => {
    const [weight = '', bias] = part.parameters;
    const y = part.node(opType, [...part.inputs, weight], cropped.attributes);
    const zeros = part.integers(0, 0, 0, 0, 0, 0, Math.max(-below, 0), Math.max(-right, 0));
    if (bias === undefined) part.node('Pad', [y, zeros], {}, part.output);
    else {
      const padded = part.node('Pad', [y, zeros]);
      const alongPixels = part.node('Unsqueeze', [bias, part.integers(1, 2)]);
      part.node('Add', [padded, alongPixels], {}, part.output);
    }
  };
}

/** A convolution with a filter a channel, then one of 1×1. */
function separableConv2d(spec: SeparableConv2dSpec, input: Shape): Composition {
  return (part) => {
    const [x = ''] = part.inputs;
    const [depthwise = '', ...pointwise] = part.parameters;
    const attributes = convAttributes(convWindow(spec, input), input[0] ?? 1);
    const z = part.node('Conv', [x, depthwise], attributes);
    part.node('Conv', [z, ...pointwise], { kernel_shape: [1, 1] }, part.output);
  };
}

/** GroupNormalization is an operator of opset 18. Before, each group is an instance's channel with its pixels in a row. */
function groupNorm({ groups, epsilon = 1e-5 }: GroupNormSpec, input: Shape): Composition {
  return (part) => {
    const [x = ''] = part.inputs;
    const [weight = '', bias = ''] = part.parameters;
    const rows = part.node('Reshape', [x, part.integers(0, groups, -1)]);
    const plain = [rows, part.constants(groups, 1), part.constants(groups, 0)];
    const normal = part.node('InstanceNormalization', plain, { epsilon: { float: epsilon } });
    const centred = part.node('Reshape', [normal, part.integers(0, ...input)]);
    const axes = input.slice(1).map((_, axis) => axis + 1);
    const alongPixels = (name: string) =>
      axes.length === 0 ? name : part.node('Unsqueeze', [name, part.integers(...axes)]);
    const scaled = part.node('Mul', [centred, alongPixels(weight)]);
    part.node('Add', [scaled, alongPixels(bias)], {}, part.output);
  };
}

function windowAttributes({ kernel, strides, sides }: Window): Attributes {
  const pads = [sides.top, sides.left, sides.bottom, sides.right];
  return { kernel_shape: kernel, strides, pads };
}

/** bytes → f32 → / 255, as assembly/data/gather.ts does. */
function divideBytes(): { nodes: Node[]; initializers: onnx.TensorProto.$Properties[]; x: string } {
  return {
    nodes: [
      {
        name: 'cast',
        opType: 'Cast',
        input: ['input'],
        output: ['bytes'],
        attribute: encodeAttributes({ to: FLOAT }),
      },
      { name: 'divide', opType: 'Div', input: ['bytes', 'white'], output: ['pixels'] },
    ],
    initializers: [initializer('white', { shape: [], data: Float32Array.of(255) })],
    x: 'pixels',
  };
}

function encodeAttributes(attributes: Attributes): onnx.AttributeProto.$Properties[] {
  return Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number') return { name, type: INT, i: value };
    if ('float' in value) return { name, type: FLOAT_VALUE, f: value.float };
    return { name, type: INTS, ints: [...value] };
  });
}

/** Raw data are little-endian in ONNX, as typed arrays are on every host that runs WebAssembly today. */
function initializer(
  name: string,
  { shape, data: { buffer, byteOffset, byteLength } }: Tensor,
): onnx.TensorProto.$Properties {
  const rawData = new Uint8Array(buffer, byteOffset, byteLength);
  return { name, dims: [...shape], dataType: FLOAT, rawData };
}

/** A tensor of any batch size. */
function valueInfo(name: string, elemType: number, shape: Shape): onnx.ValueInfoProto.$Properties {
  const sizes = shape.map((dimValue) => ({ dimValue }));
  return {
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'N' }, ...sizes] } } },
  };
}
