/** ONNX files as other programs write them, by hand. */
import {
  addNode,
  type Constant,
  type Graph,
  type Operand,
  valueInfo,
} from '../../src/formats/onnx/graph.ts';
import { onnx } from '../../src/formats/onnx/messages.js';
import { testRandom, uniform } from './random.ts';

export type { Operand };

export interface HandGraph {
  /** Sizes of an image in the file, without the batch. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly opset?: number;
  /** Number of TensorProto.DataType. */
  readonly type?: number;
  /** The nodes, one in the inputs of another, from `x` on. */
  readonly nodes: Operand;
}

const FLOAT = 1;

/** The bytes of a graph. */
export function fileOf({ input, output, opset = 17, type = FLOAT, nodes }: HandGraph): Uint8Array {
  const graph: Graph = { nodes: [], initializers: new Map() };
  if (typeof nodes === 'string' || !('opType' in nodes)) throw new Error('internal: no node');
  addNode(graph, 'node', nodes, 'y');
  const bytes = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: opset }],
    producerName: 'by hand',
    graph: {
      name: 'graph',
      node: graph.nodes,
      initializer: [...graph.initializers.values()],
      input: [valueInfo('x', type, input)],
      output: [valueInfo('y', FLOAT, output)],
    },
  }).finish();
  return new Uint8Array(bytes);
}

/** A node. */
export function node(
  opType: string,
  inputs: readonly Operand[],
  attributes: NonNullable<Extract<Operand, { opType: string }>['attributes']> = {},
): Operand & { readonly opType: string } {
  return { opType, inputs, attributes };
}

const random = testRandom(23);

/** A constant of random numbers from −1 to 1. */
export function drawn(...shape: number[]): Operand {
  return drawnConstant(...shape);
}

/** The same, to be named. */
export function drawnConstant(...shape: number[]): Constant {
  return {
    shape,
    data: uniform(
      random,
      shape.reduce((product, size) => product * size, 1),
    ),
  };
}

/** A constant of these numbers. */
export function floats(shape: readonly number[], ...values: number[]): Operand {
  return { shape, data: Float32Array.from(values) };
}

/** Whole numbers. */
export function whole(...values: number[]): Operand {
  return { shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}
