/**
 * ONNX, the exchange format of inference engines (onnx.ai): opset 17, IR version 8, any batch size.
 *
 *   input [N, C, H, W] ─► one node or a few for each layer, in their order ─► output
 *
 * Layouts are ours: NCHW, OIHW, and Gemm with transB for `w[out, in]`. Parameters keep their names. The protobuf encoder is
 * generated from the official schema (scripts/onnxMessages.js) and runs on the optional package protobufjs.
 * @module
 */

import { importOptional } from '../../base/optional.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import { inferNetwork, type NetworkLayer } from '../../compile/network.ts';
import { perChannel } from '../../compile/normalization.ts';
import type { ModelSpec } from '../../compile/spec.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import {
  contentOf,
  type ModelFile,
  type ModelSource,
  PREPROCESSING,
  weightOf,
} from '../convlet/source.ts';
import { convWindow, poolWindow, type Window } from '../window.ts';
import type { onnx } from './messages.js';

export interface OnnxOptions {
  /**
   * True makes the graph take bytes and divide them by 255 itself; false makes it take floats, pixel / 255.
   * @default false
   */
  readonly preprocessing?: boolean;
}

type Node = onnx.NodeProto.$Properties;
/** A whole number, a list of whole numbers, or a float. */
type Attribute = number | readonly number[] | { readonly float: number };
type Attributes = Readonly<Record<string, Attribute>>;

/** What becomes a node. */
interface Operator {
  readonly opType: string;
  readonly attributes?: Attributes;
  /** The inputs of the layer and its parameters in their order by default. */
  readonly inputs?: readonly Operand[];
}

/** A value by its name, a constant, or the result of another operator, which becomes a node of its own. */
type Operand = string | Constant | Operator;

/** A tensor in the file. One without a name is called by its place. */
interface Constant extends Tensor {
  readonly name?: string;
}

/** What is written so far. */
interface Graph {
  readonly nodes: Node[];
  /** By name. */
  readonly initializers: Map<string, onnx.TensorProto.$Properties>;
}

/** Numbers of the schema's enums TensorProto.DataType and AttributeType; the generated module has them too. */
const FLOAT = 1;
const UINT8 = 2;
const FLOAT_VALUE = 1;
const INT = 2;
const INTS = 7;

const OPSET = 17;
const IR_VERSION = 8;

/**
 * The model as an ONNX file, one graph from `input` to `output`.
 * @throws {Error} in one line, if the package protobufjs is absent.
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
  const { layers, output } = inferNetwork(file.spec);
  const before = beginOf(file.spec, isBytes);
  const graph = graphOf(file, layers, before.x);
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
      node: [...before.nodes, ...graph.nodes],
      initializer: [...before.initializers, ...graph.initializers.values()],
      input: [valueInfo('input', isBytes ? UINT8 : FLOAT, file.spec.inputShape)],
      output: [valueInfo('output', FLOAT, output)],
    },
  };
}

/** The layers in their order, from the tensor `x` to `output`. */
function graphOf(file: ModelFile, layers: readonly NetworkLayer[], x: string): Graph {
  const graph: Graph = { nodes: [], initializers: new Map() };
  const values = [x];
  for (const { index, spec, inputs, inputShapes, parameters } of layers) {
    const xs = inputs.map((value) => values[value] ?? '');
    const weights = parameters.map(({ key }) => ({ name: key, ...weightOf(file, key) }));
    const operator = rowOf(spec)(spec, inputShapes[0], xs, weights);
    const name = `${spec.name ?? index}.${spec.type}`;
    const output = index === layers.length - 1 ? 'output' : name;
    values.push(addNode(graph, name, { inputs: [...xs, ...weights], ...operator }, output));
  }
  return graph;
}

/** @returns the name of the output */
function addNode(
  graph: Graph,
  name: string,
  { opType, attributes = {}, inputs = [] }: Operator,
  output: string = name,
): string {
  const input = inputs.map((operand, place) => addOperand(graph, `${name}.${place}`, operand));
  graph.nodes.push({
    name,
    opType,
    input,
    output: [output],
    attribute: encodeAttributes(attributes),
  });
  return output;
}

/** @returns its name */
function addOperand(graph: Graph, place: string, operand: Operand): string {
  if (typeof operand === 'string') return operand;
  if ('opType' in operand) return addNode(graph, place, operand);
  const { name = place } = operand;
  graph.initializers.set(name, initializer(name, operand));
  return name;
}

/**
 * What a layer is in ONNX.
 * @param input Shape of its first input. @param xs Names of its inputs. @param weights Its parameters.
 */
type Row<Spec> = (
  spec: Spec,
  input: Shape,
  xs: readonly string[],
  weights: readonly Constant[],
) => Operator;

const operators: { readonly [Spec in LayerSpec as Spec['type']]: Row<Spec> } = {
  add: () => ({ opType: 'Sum' }),
  batchNorm: ({ epsilon = 1e-5 }) => ({
    opType: 'BatchNormalization',
    attributes: { epsilon: { float: epsilon } },
  }),
  conv2d(spec, input) {
    const window = convWindow(spec, input);
    const { dilation: dilations } = window;
    const group = spec.groups ?? 1;
    return { opType: 'Conv', attributes: { ...windowAttributes(window), dilations, group } };
  },
  dense: () => ({ opType: 'Gemm', attributes: { transB: 1 } }),
  dropout: () => ({ opType: 'Identity' }), // as it is when nothing trains
  elu: ({ alpha = 1 }) => ({ opType: 'Elu', attributes: { alpha: { float: alpha } } }),
  flatten: () => ({ opType: 'Flatten', attributes: { axis: 1 } }),
  gelu(_spec, _input, [x = '']) {
    // opset 17 has no Gelu: x·½·(1 + erf(x / √2))
    const erf = { opType: 'Erf', inputs: [{ opType: 'Div', inputs: [x, scalar(Math.SQRT2)] }] };
    const sum = { opType: 'Add', inputs: [erf, scalar(1)] };
    return { opType: 'Mul', inputs: [{ opType: 'Mul', inputs: [x, scalar(0.5)] }, sum] };
  },
  globalAveragePool2d: () => ({ opType: 'GlobalAveragePool' }),
  hardSigmoid: () => ({
    opType: 'HardSigmoid',
    attributes: { alpha: { float: 1 / 6 }, beta: { float: 0.5 } },
  }),
  hardSwish: () => ({ opType: 'HardSwish' }),
  leakyRelu: ({ negativeSlope = 0.01 }) => ({
    opType: 'LeakyRelu',
    attributes: { alpha: { float: negativeSlope } },
  }),
  maxPool2d: (spec, input) => ({
    opType: 'MaxPool',
    attributes: windowAttributes(poolWindow(spec, input)),
  }),
  prelu: (_spec, [, ...plane], xs, weights) => ({
    opType: 'PRelu',
    // its slopes are broadcast from the last axis on
    inputs: [...xs, ...weights.map((w) => ({ ...w, shape: [...w.shape, ...plane.map(() => 1)] }))],
  }),
  relu: () => ({ opType: 'Relu' }),
  relu6: (_spec, _input, xs) => ({ opType: 'Clip', inputs: [...xs, scalar(0), scalar(6)] }),
  selu: () => ({ opType: 'Selu' }),
  sigmoid: () => ({ opType: 'Sigmoid' }),
  silu: (_spec, _input, xs) => ({
    opType: 'Mul',
    inputs: [...xs, { opType: 'Sigmoid', inputs: xs }],
  }),
  softmax: () => ({ opType: 'Softmax', attributes: { axis: -1 } }),
  softplus: () => ({ opType: 'Softplus' }),
  tanh: () => ({ opType: 'Tanh' }),
};

function rowOf<Spec extends LayerSpec>({ type }: Spec): Row<Spec> {
  return operators[type] as unknown as Row<Spec>; // keyed by the very `type` that tells the specs apart
}

function scalar(value: number): Constant {
  return { shape: [], data: Float32Array.of(value) };
}

function windowAttributes({ kernel, strides, sides }: Window): Attributes {
  const pads = [sides.top, sides.left, sides.bottom, sides.right];
  return { kernel_shape: kernel, strides, pads };
}

/** What comes before the first layer, and the name of what it reads. */
interface Beginning {
  readonly nodes: readonly Node[];
  readonly initializers: readonly onnx.TensorProto.$Properties[];
  readonly x: string;
}

function beginOf(
  { inputShape: [channels = 0], normalize }: ModelSpec,
  isBytes: boolean,
): Beginning {
  const before: Beginning = isBytes ? divideBytes() : { nodes: [], initializers: [], x: 'input' };
  if (normalize === undefined) return before;
  const all = perChannel(normalize, channels);
  const tensor = (name: string, start: number) =>
    initializer(name, { shape: [channels, 1, 1], data: all.slice(start, start + channels) });
  return {
    nodes: [
      ...before.nodes,
      { name: 'centre', opType: 'Sub', input: [before.x, 'mean'], output: ['centred'] },
      { name: 'normalise', opType: 'Div', input: ['centred', 'deviation'], output: ['normalised'] },
    ],
    initializers: [...before.initializers, tensor('mean', 0), tensor('deviation', channels)],
    x: 'normalised',
  };
}

/** bytes → f32 → / 255, as assembly/data/gather.ts does. */
function divideBytes(): Beginning {
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
