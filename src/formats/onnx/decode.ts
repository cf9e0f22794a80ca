/**
 * Models from ONNX files, opset 7 to 21: the network and its weights, to go on training or to predict.
 *
 *   bytes ─► graph ─► constants are folded ─► idioms are joined ─► layers, node by node ─► spec and weights
 *
 * A file that `encodeOnnx` wrote gives back the very model. What is not understood is refused by the name of its node.
 * @module
 */
import { FormatError, quote } from '../../base/errors.ts';
import { inferNetwork } from '../../compile/network.ts';
import { readOrigin } from '../../data/origin.ts';
import { inFile, parseJson, parseSpec } from '../convlet/content.ts';
import { finishBuilding } from '../network/building.ts';
import type { ImportedModel } from '../network/imported.ts';
import { checkFile, GIVEN } from '../safetensors/safetensors.ts';
import { beginGraph } from './begin.ts';
import { type Constant, tensorOf } from './constants.ts';
import { encodeOnnx } from './encode.ts';
import { canFold, fold } from './fold.ts';
import { idiomOf } from './idioms.ts';
import type { GraphNode } from './node.ts';
import { isConstant, type Known } from './place.ts';
import { type FileGraph, readGraph } from './read.ts';
import { translate } from './translate.ts';

/**
 * The model of an ONNX file with one input of images `[N, C, H, W]` (or `[N, H, W, C]`, if they are turned at once) and one
 * output; `[N, H, W]` is one channel, `[N, F]` images of one pixel. Bytes as input mean pixels / 255; floats are taken as they are. Weights keep their names if these end in `.weight`.
 * @param where Names the bytes in messages.
 * @throws {FormatError} if it is no ONNX file, or has what no layer here does: the message names the node and its operator.
 * @throws {Error} in one line, if the package protobufjs is absent.
 */
export async function decodeOnnx(bytes: Uint8Array, where: string = GIVEN): Promise<ImportedModel> {
  checkFile('decodeOnnx', bytes, where);
  const graph = await readGraph(bytes, where);
  const own = await ownModel(graph, bytes);
  return own ?? inFile(where, () => modelOf(graph, bytes.length));
}

/** Names of the classes, and how pictures became images, from the metadata of a file of ours. */
function originOf({ metadata }: FileGraph): ReturnType<typeof readOrigin> {
  const [names, preparation] = ['convlet.classNames', 'convlet.preparation'].map((key) =>
    metadata.get(key),
  );
  const classNames = names === undefined ? names : parseJson(names, 'names as JSON', 'metadata');
  return readOrigin('metadata', { classNames, preparation });
}

/** The model that the metadata name, if the file is the one that `encodeOnnx` makes of it; the graph of any other says more. */
async function ownModel(graph: FileGraph, bytes: Uint8Array): Promise<ImportedModel | undefined> {
  const { metadata, constants } = graph;
  const text = metadata.get('convlet.spec');
  if (text === undefined) return undefined;
  try {
    const spec = parseSpec(text, 'metadata');
    const weights = new Map(
      inferNetwork(spec).parameters.flatMap(({ key, shape }) => {
        const constant = constants.get(key);
        return constant === undefined ? [] : [[key, tensorOf(constant, [...shape])] as const];
      }),
    );
    const origin = originOf(graph);
    const source = { spec, seed: Number(metadata.get('convlet.seed')), weights, ...origin };
    for (const preprocessing of [false, true]) {
      const again = await encodeOnnx(source, { preprocessing });
      if (again.length === bytes.length && again.every((byte, i) => byte === bytes[i])) {
        return { spec, weights, ...origin };
      }
    }
    return undefined;
  } catch {
    return undefined; // another program has changed it
  }
}

/** The model of any graph. */
function modelOf(graph: FileGraph, fileBytes: number): ImportedModel {
  const { constants, nodes } = simplified(graph, fileBytes);
  const { to, name, value, absorbed } = beginGraph(graph, nodes, constants, fileBytes);
  const known = new Map<string, Known>([...constants, [name, value]]);
  const [batch = Number.NaN] = graph.input.sizes;
  for (const node of nodes.filter((node) => !absorbed.has(node))) {
    const inputs = node.inputs.map((input) => read(node, input, known));
    const place = { to, node, where: node.title, opset: graph.opset, batch, inputs };
    const isFolded = canFold(node) && inputs.every((input) => !input || isConstant(input));
    known.set(
      node.output,
      isFolded ? fold(node, inputs as (Constant | undefined)[], to) : translate(place),
    );
  }
  const output = known.get(graph.output);
  if (output === undefined || isConstant(output)) {
    throw new FormatError(
      `output ${quote(graph.output)}: expected a value that depends on the image, got ${output === undefined ? 'none' : 'a constant'}. Use a whole file.`,
      0,
    );
  }
  return { ...finishBuilding(to, output), ...originOf(graph) };
}

/** What a node reads, by its name. @throws {FormatError} if no node before it gives that. */
function read(
  { title }: GraphNode,
  name: string,
  known: ReadonlyMap<string, Known>,
): Known | undefined {
  if (name === '') return undefined;
  const found = known.get(name);
  if (found !== undefined) return found;
  throw new FormatError(
    `${title}: expected ${quote(name)} to be given before it, got no such value. Use a whole file with its nodes in order, and first outputs alone.`,
    0,
  );
}

/** The nodes that the output needs, constants folded and idioms joined. */
function simplified(
  graph: FileGraph,
  fileBytes: number,
): { readonly constants: ReadonlyMap<string, Constant>; readonly nodes: readonly GraphNode[] } {
  const constants = new Map(graph.constants);
  const nodes = new Map<string, GraphNode>();
  const to = { budget: fileBytes };
  for (const node of neededNodes(graph.nodes, graph.output)) {
    if (constants.has(node.output) || nodes.has(node.output)) {
      throw new FormatError(
        `${node.title}: expected an output of its own, got one that is given before. Use a whole file.`,
        0,
      );
    }
    const inputs = node.inputs.map((name) => constants.get(name));
    const isKnown = node.inputs.every((name, i) => name === '' || inputs[i] !== undefined);
    if (isKnown && canFold(node)) constants.set(node.output, fold(node, inputs, to));
    else nodes.set(node.output, idiomOf(node, { nodes, constants }));
  }
  return { constants, nodes: neededNodes([...nodes.values()], graph.output) };
}

/** The nodes that a value needs, in their order. */
function neededNodes(nodes: readonly GraphNode[], output: string): readonly GraphNode[] {
  const needed = new Set([output]);
  const kept: GraphNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!needed.has(node.output)) continue;
    kept.push(node);
    for (const input of node.inputs) if (input !== '') needed.add(input);
  }
  return kept.reverse();
}
