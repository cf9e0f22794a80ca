/**
 * Models from LayersModels of TensorFlow.js, which Keras writes too: `model.json` and the files of weights that it names.
 *
 *   json ─► layers in order ─► idioms are joined ─► our layers, one by one ─► spec and weights
 *   weight files ─► tensors by layer ─┘
 *
 * Keras has channels last: images are `[N, H, W, C]` there and `[N, C, H, W]` here, kernels go from HWIO to OIHW, and the
 * columns of a dense layer after a flatten into our order of pixels. What is not understood is refused by the name of its
 * layer.
 * @module
 */
import { isRecord, isTypedArray } from '../../base/brands.ts';
import { describe, FormatError } from '../../base/errors.ts';
import { elementCount } from '../../base/shape.ts';
import type { Shape, Tensor } from '../../base/types.ts';
import { readOrigin } from '../../data/origin.ts';
import { inFile, parseJson } from '../convlet/content.ts';
import { type Building, beginBuilding, finishBuilding, type Value } from '../network/building.ts';
import type { ImportedModel } from '../network/imported.ts';
import { type KerasGraph, type KerasNode, readTopology } from './read/graph.ts';
import { idiomOf } from './read/idioms.ts';
import { readLayer } from './read/layers.ts';
import { filesByPath, type KerasWeights, readWeights, type WeightFiles } from './read/weights.ts';

/** A Sequential or functional model with one input of images and one output. */
const WHERE = 'decodeTfjs';

/**
 * The model of a LayersModel. It takes images `[N, C, H, W]` where that takes `[N, H, W, C]`. Parameters are named after the
 * layers of Keras.
 * @param json The content of `model.json`: its text, its bytes, or its value.
 * @param weightFiles The files that it names: by their paths, as a list in the order of its manifest, or the only one.
 * @throws {TypeError} if an argument is of another kind. @throws {FormatError} if it is no LayersModel, or has what no layer
 * here does: the message names the layer and its class.
 */
export async function decodeTfjs(json: unknown, weightFiles: WeightFiles): Promise<ImportedModel> {
  const value = jsonOf(json);
  if (!isRecord(value) || !isRecord(value.modelTopology) || !Array.isArray(value.weightsManifest)) {
    throw new FormatError(
      `${WHERE}: expected the model.json of a LayersModel, with modelTopology and weightsManifest, got ${describe(value)}. Save it by tensorflowjs_converter or model.save.`,
      0,
    );
  }
  const { modelTopology, weightsManifest, userDefinedMetadata } = { ...value };
  const files = filesByPath(WHERE, weightsManifest, weightFiles);
  return inFile(WHERE, () => {
    const graph = simplified(readTopology(modelTopology));
    const weights = readWeights(weightsManifest, files);
    return { ...modelOf(graph, weights), ...originOf(userDefinedMetadata) };
  });
}

/** The value of a text or of bytes; any other value is one itself. */
function jsonOf(json: unknown): unknown {
  const text = isTypedArray(json, 'Uint8Array') ? new TextDecoder().decode(json) : json;
  return typeof text === 'string' ? parseJson(text, 'JSON', `${WHERE}: model.json`) : text;
}

/** Names of the classes, and how pictures became images, of a file of ours. */
function originOf(metadata: unknown): ReturnType<typeof readOrigin> {
  const known: Readonly<Record<string, unknown>> = isRecord(metadata) ? metadata : {};
  const { 'convlet.classNames': classNames, 'convlet.preparation': preparation } = known;
  return readOrigin('metadata', { classNames, preparation });
}

/** Idioms joined, and the layers that the output needs. */
function simplified(graph: KerasGraph): KerasGraph {
  const nodes = new Map<string, KerasNode>();
  for (const node of graph.nodes) nodes.set(node.name, idiomOf(node, nodes));
  const needed = new Set([graph.output]);
  const kept: KerasNode[] = [];
  for (const node of [...nodes.values()].reverse()) {
    if (!needed.has(node.name)) continue;
    kept.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  return { ...graph, nodes: kept.reverse() };
}

const NONE: ReadonlyMap<string, Tensor> = new Map();

function modelOf(graph: KerasGraph, weights: KerasWeights): Omit<ImportedModel, 'classNames'> {
  const { to, image } = beginOf(graph, numbersIn(weights));
  const values = new Map<string, Value>([[graph.input, image]]);
  const readers = readerCounts(graph.nodes);
  const hasOneReader = (name: string) => readers.get(name) === 1;
  /** By name, whether a value is read once, also under the names before that it is a view of. */
  const isReadOnce = new Map([[graph.input, hasOneReader(graph.input)]]);
  for (const node of graph.nodes) {
    const xs = node.inputs.map((name) => values.get(name) ?? image); // in order: all are there
    const [x = image] = xs;
    const isOnlyReader = isReadOnce.get(node.inputs[0] ?? '') === true;
    const y = readLayer({
      to,
      node,
      where: node.title,
      xs,
      x,
      weights: weights.get(node.name) ?? NONE,
      isKeras3: graph.isKeras3,
      isOnlyReader,
    });
    values.set(node.name, y);
    const isView = y.index === x.index;
    isReadOnce.set(node.name, hasOneReader(node.name) && (isOnlyReader || !isView));
  }
  return finishBuilding(to, values.get(graph.output) ?? image);
}

function numbersIn(weights: KerasWeights): number {
  const tensors = [...weights.values()].flatMap((own) => [...own.values()]);
  return tensors.reduce((total, { data }) => total + data.length, 0);
}

function readerCounts(nodes: readonly KerasNode[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of nodes.flatMap(({ inputs }) => inputs)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Images `[H, W, C]`, or `[H, W]` without channels, or rows of numbers, which are images of one pixel. */
function beginOf(
  { inputShape }: KerasGraph,
  numbers: number,
): { readonly to: Building; readonly image: Value } {
  const isKnown = inputShape.every((size) => Number.isSafeInteger(size) && Number(size) >= 1);
  if (!isKnown || inputShape.length < 1 || inputShape.length > 3) {
    throw new FormatError(
      `input: expected images of known sizes [height, width, channels], got ${describe([...inputShape])}. Save the model with an input shape.`,
      0,
    );
  }
  const sizes = inputShape.map(Number);
  const [height = 1, width = 1, channels = 1] = sizes;
  const own: Shape = sizes.length === 1 ? [height, 1, 1] : [channels, height, width];
  const to = beginBuilding(own, 8 * numbers); // each weight is moved once or twice
  if (sizes.length === 1)
    return { to, image: { index: 0, shape: [elementCount(own)], isLast: false } };
  return { to, image: { index: 0, shape: own, isLast: true } };
}
