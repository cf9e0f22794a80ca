/** From the bytes of an ONNX file to its graph: bounded and checked, nothing computed yet. @module */
import { describe, FormatError, quote } from '../../base/errors.ts';
import { importOptional } from '../../base/optional.ts';
import { inFile } from '../convlet/content.ts';
import { type Constant, readTensor } from './constants.ts';
import type { onnx } from './messages.js';
import { type GraphNode, readNode } from './node.ts';

export interface FileGraph {
  /** Version of the operators. */
  readonly opset: number;
  readonly input: GraphInput;
  /** Name of the value that the file gives. */
  readonly output: string;
  /** In the order of the file: a node stands behind those that it reads. */
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface GraphInput {
  readonly name: string;
  /** Number of TensorProto.DataType. */
  readonly type: number;
  /** Batch and sizes; NaN where the file has a name, or nothing. */
  readonly sizes: readonly number[];
}

/** The operators change their form after the last; what changed before opset 7 is refused by the operators themselves. */
const [FIRST_OPSET, LAST_OPSET] = [1, 21];
/** A network of ours has a few hundred. */
const MOST_NODES = 5000;

/**
 * The graph of a file; `where` names it in messages.
 * @throws {FormatError} unless it is a model of one input and one output. @throws {Error} if protobufjs is absent.
 */
export async function readGraph(bytes: Uint8Array, where: string): Promise<FileGraph> {
  const { onnx } = await importOptional(
    'protobufjs@8.8.1',
    'reading ONNX',
    () => import('./messages.js'),
  );
  const fail = (expected: string, got: string, advice: string) =>
    new FormatError(`${where}: expected ${expected}, got ${got}. ${advice}.`, 0);
  let model: onnx.ModelProto.$Properties;
  try {
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength); // a Buffer is read in another way
    model = onnx.ModelProto.decode(plain);
  } catch {
    throw fail('an ONNX model', 'other bytes, or a part of one', 'Use a whole file');
  }
  const { graph, opsetImport } = model;
  if (!graph?.node?.length && !graph?.output?.length) {
    throw fail('an ONNX model', 'a file without a graph', 'Use a whole file');
  }
  const nodes = graph.node ?? [];
  if (nodes.length > MOST_NODES) {
    throw fail(`at most ${MOST_NODES} nodes`, String(nodes.length), 'Use a smaller network');
  }
  const initializers = graph.initializer ?? [];
  const constants = inFile(
    where,
    () =>
      new Map(
        initializers.map((tensor) => [
          tensor.name ?? '',
          readTensor(`initializer ${quote(tensor.name ?? '')}`, tensor),
        ]),
      ),
  );
  const inputs = (graph.input ?? []).filter(({ name }) => !constants.has(name ?? ''));
  const [input, ...otherInputs] = inputs;
  const [output, ...otherOutputs] = graph.output ?? [];
  if (input === undefined || output === undefined || otherInputs.length + otherOutputs.length > 0) {
    throw fail(
      'one input and one output',
      `${namesOf(inputs)} and ${namesOf(graph.output ?? [])}`,
      'Export the part from the image to the result',
    );
  }
  return {
    opset: opsetOf(opsetImport ?? [], fail),
    input: {
      name: input.name ?? '',
      type: input.type?.tensorType?.elemType ?? 0,
      sizes: (input.type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) =>
        Number(dimValue ?? 0) > 0 ? Number(dimValue) : Number.NaN,
      ),
    },
    output: output.name ?? '',
    nodes: inFile(where, () => nodes.map(readNode)),
    constants,
    metadata: new Map(
      (model.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? '']),
    ),
  };
}

type Fail = (expected: string, got: string, advice: string) => FormatError;

function opsetOf(imports: readonly onnx.OperatorSetIdProto.$Properties[], fail: Fail): number {
  const own = imports.find(({ domain }) => !domain || domain === 'ai.onnx');
  const version = Number(own?.version ?? 1); // protobufjs has a type of its own for 64 bits
  if (version >= FIRST_OPSET && version <= LAST_OPSET) return version;
  throw fail(`an opset up to ${LAST_OPSET}`, describe(version), 'Export it with opset_version=17');
}

function namesOf(values: readonly onnx.ValueInfoProto.$Properties[]): string {
  if (values.length === 0) return 'none';
  const names = values.slice(0, 5).map(({ name }) => quote(name ?? '', 30));
  return `${names.join(', ')}${values.length > 5 ? ', …' : ''}`;
}
