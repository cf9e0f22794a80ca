/** The graph of an ONNX file while it is written: nodes, constants, and their attributes. @module */
import type { Shape } from '../../base/types.ts';
import type { onnx } from './messages.js';

export type Node = onnx.NodeProto.$Properties;

/** A whole number, a list of whole numbers, a float, or a text. */
type Attribute = number | readonly number[] | { readonly float: number } | string;

export type Attributes = Readonly<Record<string, Attribute>>;

/** What becomes a node. */
export interface Operator {
  readonly opType: string;
  readonly attributes?: Attributes;
  /** The inputs of the layer and its parameters in their order by default. */
  readonly inputs?: readonly Operand[];
}

/** A value by its name, a constant, or the result of another operator, which becomes a node of its own. */
export type Operand = string | Constant | Operator;

/** A tensor in the file. One without a name is called by its place. */
export interface Constant {
  readonly name?: string;
  readonly shape: Shape;
  readonly data: Float32Array | BigInt64Array;
}

/** What is written so far. */
export interface Graph {
  readonly nodes: Node[];
  /** By name. */
  readonly initializers: Map<string, onnx.TensorProto.$Properties>;
}

/** Numbers of the schema's enums TensorProto.DataType and AttributeType; the generated module has them too. */
export const FLOAT = 1;

export const UINT8 = 2;

const INT64 = 7;

const FLOAT_VALUE = 1;
const INT = 2;
const TEXT = 3;
const INTS = 7;

/** @returns the name of the output */
export function addNode(
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

export function encodeAttributes(attributes: Attributes): onnx.AttributeProto.$Properties[] {
  return Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number') return { name, type: INT, i: value };
    if (typeof value === 'string') return { name, type: TEXT, s: new TextEncoder().encode(value) };
    if ('float' in value) return { name, type: FLOAT_VALUE, f: value.float };
    return { name, type: INTS, ints: [...value] };
  });
}

/** Raw data are little-endian in ONNX, as typed arrays are on every host that runs WebAssembly today. */
export function initializer(name: string, { shape, data }: Constant): onnx.TensorProto.$Properties {
  const dataType = data instanceof BigInt64Array ? INT64 : FLOAT;
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: [...shape], dataType, rawData };
}

/** A tensor of any batch size. */
export function valueInfo(
  name: string,
  elemType: number,
  shape: Shape,
): onnx.ValueInfoProto.$Properties {
  const sizes = shape.map((dimValue) => ({ dimValue }));
  return {
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'N' }, ...sizes] } } },
  };
}
