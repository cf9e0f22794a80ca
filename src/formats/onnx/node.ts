/** A node of an ONNX graph as it is read: what it is called, what it reads, and its attributes by name and kind. @module */
import { describe, FormatError, quote } from '../../base/errors.ts';
import { type Constant, readTensor } from './constants.ts';
import type { onnx } from './messages.js';

type AttributeValue = number | string | readonly number[] | Constant;

export interface GraphNode {
  /** Operator and name: begins the messages about it. */
  readonly title: string;
  readonly opType: string;
  /** Names of values; '' is an input that is left out. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** Domains of the operators of ONNX itself. */
const OWN_DOMAINS = ['', 'ai.onnx'];

/** A node of the file. @throws {FormatError} if an attribute is of a kind that no operator here has. */
export function readNode(node: onnx.NodeProto.$Properties): GraphNode {
  const domain = node.domain ?? '';
  const opType = OWN_DOMAINS.includes(domain) ? (node.opType ?? '') : `${domain}.${node.opType}`;
  const output = node.output?.[0] ?? '';
  const title = `${quote(opType || 'node', 60).slice(1, -1)} ${quote(node.name || output)}`;
  const attributes = new Map(
    (node.attribute ?? []).flatMap((attribute): [string, AttributeValue][] => {
      const value = attributeValue(title, attribute);
      return value === undefined ? [] : [[attribute.name ?? '', value]];
    }),
  );
  return { title, opType, inputs: node.input ?? [], output, attributes };
}

/** Numbers of AttributeProto.AttributeType. */
const [FLOAT, INT, TEXT, TENSOR, FLOATS, INTS] = [1, 2, 3, 4, 6, 7];

/** A number, a text, numbers, or a tensor; undefined for what no operator that is read here has. */
function attributeValue(
  title: string,
  attribute: onnx.AttributeProto.$Properties,
): AttributeValue | undefined {
  const { type, f, i, s, t, floats, ints, name } = attribute;
  if (type === FLOAT) return f ?? 0;
  if (type === INT) return Number(i ?? 0); // protobufjs has a type of its own for 64 bits
  if (type === TEXT) return new TextDecoder().decode(s ?? new Uint8Array());
  if (type === FLOATS) return floats ?? [];
  if (type === INTS) return (ints ?? []).map(Number);
  if (type === TENSOR && t) return readTensor(`${title}: ${quote(name ?? '')}`, t);
  return undefined;
}

/** A number. @throws {FormatError} if it is something else, or absent without `otherwise`. */
export function numberIn(node: GraphNode, name: string, otherwise?: number): number {
  const value = node.attributes.get(name) ?? otherwise;
  if (typeof value === 'number') return value;
  throw wrongAttribute(node, name, 'a number', value);
}

/** A text, in capitals or not as it stands. */
export function textIn(node: GraphNode, name: string, otherwise: string): string {
  const value = node.attributes.get(name) ?? otherwise;
  if (typeof value === 'string') return value;
  throw wrongAttribute(node, name, 'a text', value);
}

/** Numbers in a row; undefined if there are none of that name. @param count How many there must be. */
export function listIn(
  node: GraphNode,
  name: string,
  count?: number,
): readonly number[] | undefined {
  const value = node.attributes.get(name);
  if (value === undefined) return undefined;
  const isList = Array.isArray(value) && (count === undefined || value.length === count);
  if (isList) return value as readonly number[];
  throw wrongAttribute(
    node,
    name,
    `a list of ${count === undefined ? '' : `${count} `}numbers`,
    value,
  );
}

/** Throws unless an attribute has this value, or is absent. */
export function expectNumber(node: GraphNode, name: string, value: number): void {
  const got = numberIn(node, name, value);
  if (got === value) return;
  throw wrongAttribute(node, name, String(value), got);
}

/** What an attribute that is not understood is refused with. */
export function wrongAttribute(
  { title }: GraphNode,
  name: string,
  expected: string,
  got: unknown,
): FormatError {
  return new FormatError(
    `${title}: expected ${name} to be ${expected}, got ${describe(got)}. Export it so.`,
    0,
  );
}
