/**
 * ONNX, the exchange format of inference engines (onnx.ai): operators of opset 17, IR version 8, any batch size.
 *
 *   input [N, C, H, W] ─► a node for each layer, in their order ─► output
 *
 * Layouts are ours: NCHW, OIHW, and Gemm with transB for `w[out, in]`. Parameters keep their names. The encoder is
 * generated from the official schema (scripts/onnxMessages.js); it runs on the optional package protobufjs.
 * @module
 */

import { importOptional } from '../../base/optional.ts';
import { checkOptions, flag, type OptionChecks } from '../../base/options.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import { inferNetwork, type NetworkLayer } from '../../compile/network.ts';
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
  /** True makes the graph take bytes and divide them by 255 itself; otherwise it takes floats, pixel / 255. */
  readonly preprocessing?: boolean;
}

const checks: OptionChecks<OnnxOptions> = { preprocessing: flag };

type Node = onnx.NodeProto.$Properties;
/** A whole number, a list of them, or a number that may be none. */
type Attribute = number | readonly number[] | { readonly float: number };
type Attributes = Readonly<Record<string, Attribute>>;

/** An operator on the inputs of a layer, and on its parameters in their order. */
interface Operator {
  readonly opType: string;
  readonly attributes?: Attributes;
}

/** Numbers of the schema's enums, which its generated module holds, too: TensorProto.DataType, AttributeType. */
const FLOAT = 1;
const UINT8 = 2;
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
  options: OnnxOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { preprocessing = false } = checkOptions('encodeOnnx', options, checks);
  const content = contentOf('encodeOnnx', source);
  const { onnx } = await importOptional(
    'protobufjs@8.8.1',
    'ONNX export',
    () => import('./messages.js'),
  );
  const message = modelOf(content, preprocessing);
  return new Uint8Array(onnx.ModelProto.encode(message).finish());
}

function modelOf(file: ModelFile, isBytes: boolean): onnx.ModelProto.$Properties {
  const { layers, parameters, output } = inferNetwork(file.spec);
  const before = isBytes ? divideBytes() : { nodes: [], initializers: [], x: 'input' };
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
      node: [...before.nodes, ...nodesOf(layers, before.x)],
      initializer: [
        ...before.initializers,
        ...parameters.map(({ key }) => initializer(key, weightOf(file, key))),
      ],
      input: [valueInfo('input', isBytes ? UINT8 : FLOAT, file.spec.inputShape)],
      output: [valueInfo('output', FLOAT, output)],
    },
  };
}

/** A node for each layer, from the tensor `x` to `output`. */
function nodesOf(layers: readonly NetworkLayer[], x: string): Node[] {
  const values = [x];
  return layers.map(({ index, spec, inputs, inputShapes: [shape], parameters }) => {
    const { opType, attributes = {} } = operatorOf(spec, shape);
    const name = `${spec.name ?? index}.${spec.type}`;
    const output = index === layers.length - 1 ? 'output' : name;
    values.push(output);
    return {
      name,
      opType,
      input: [...inputs.map((value) => values[value] ?? ''), ...parameters.map(({ key }) => key)],
      output: [output],
      attribute: encodeAttributes(attributes),
    };
  });
}

const operators: {
  readonly [Spec in LayerSpec as Spec['type']]: (spec: Spec, input: Shape) => Operator;
} = {
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
  flatten: () => ({ opType: 'Flatten', attributes: { axis: 1 } }),
  globalAveragePool2d: () => ({ opType: 'GlobalAveragePool' }),
  leakyRelu: ({ negativeSlope = 0.01 }) => ({
    opType: 'LeakyRelu',
    attributes: { alpha: { float: negativeSlope } },
  }),
  maxPool2d: (spec, input) => ({
    opType: 'MaxPool',
    attributes: windowAttributes(poolWindow(spec, input)),
  }),
  relu: () => ({ opType: 'Relu' }),
  softmax: () => ({ opType: 'Softmax', attributes: { axis: -1 } }),
};

function operatorOf<Spec extends LayerSpec>(spec: Spec, input: Shape): Operator {
  // the table is keyed by the very `type` that tells the specs apart
  const operator = operators[spec.type] as unknown as (spec: Spec, input: Shape) => Operator;
  return operator(spec, input);
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
