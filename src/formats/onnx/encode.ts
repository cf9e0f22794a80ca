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
import { checkOptions, flag, type OptionChecks } from '../../base/options.ts';
import { inferNetwork, type NetworkLayer } from '../../compile/network.ts';
import { perChannel } from '../../compile/normalization.ts';
import type { ModelSpec } from '../../compile/spec.ts';
import {
  contentOf,
  type ModelFile,
  type ModelSource,
  originEntries,
  PREPROCESSING,
  weightOf,
} from '../convlet/source.ts';
import {
  addNode,
  encodeAttributes,
  FLOAT,
  type Graph,
  initializer,
  type Node,
  UINT8,
  valueInfo,
} from './graph.ts';
import type { onnx } from './messages.js';
import { rowOf } from './operators.ts';

/** What the graph takes. */
export interface OnnxOptions {
  /**
   * True makes the graph take bytes and divide them by 255 itself; false makes it take floats, pixel / 255.
   * @default false
   */
  readonly preprocessing?: boolean;
}

const checks: OptionChecks<OnnxOptions> = { preprocessing: flag };

const OPSET = 17;
const IR_VERSION = 8;

/**
 * The model as an ONNX file, one graph from `input` to `output`.
 * @throws {Error} in one line, if the package protobufjs is absent.
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
      ...Object.entries(originEntries(file)).map(([key, value]) => ({ key, value })),
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
    const operator = rowOf(spec)(spec, inputShapes[0], xs, weights, inputShapes);
    const name = `${spec.name ?? index}.${spec.type}`;
    const output = index === layers.length - 1 ? 'output' : name;
    values.push(addNode(graph, name, { inputs: [...xs, ...weights], ...operator }, output));
  }
  return graph;
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
