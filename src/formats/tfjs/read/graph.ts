/** The graph of a LayersModel, as Keras 2 and 3 and TensorFlow.js write it: checked, in the order in which layers run. @module */
import { isRecord } from '../../../base/brands.ts';
import { describe, FormatError, quote } from '../../../base/errors.ts';

/** A layer of Keras, and the names of the layers that it reads. */
export interface KerasNode {
  /** Class and name: begins the messages about it. */
  readonly title: string;
  readonly name: string;
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
}

export interface KerasGraph {
  /** Sizes of an image, without the batch. */
  readonly inputShape: readonly unknown[];
  /** Name of the layer, or of the value, that is the image. */
  readonly input: string;
  readonly output: string;
  /** A layer stands behind those that it reads. */
  readonly nodes: readonly KerasNode[];
  /** Keras 3 means other functions by some names. */
  readonly isKeras3: boolean;
}

/** A network of ours has a few hundred. */
const MOST_LAYERS = 5000;

type Fail = (expected: string, got: string, advice?: string) => FormatError;

const fail: Fail = (expected, got, advice = 'Use a whole file') =>
  new FormatError(`model.json: expected ${expected}, got ${got}. ${advice}.`, 0);

/** @param topology The value of `modelTopology`. @throws {FormatError} unless it is a network of one input and one output. */
export function readTopology(topology: unknown): KerasGraph {
  const outer = record(topology, 'modelTopology');
  const model = isRecord(outer.model_config) ? outer.model_config : outer;
  const { class_name: type, config } = model;
  const { keras_version: version } = outer;
  const isKeras3 = typeof version === 'string' && version.startsWith('3');
  if (type === 'Sequential') return { ...sequence(config), isKeras3 };
  if (type === 'Model' || type === 'Functional') {
    return { ...network(record(config, 'config')), isKeras3 };
  }
  throw fail('a Sequential or a functional Model', describe(type), 'Save a LayersModel');
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (isRecord(value)) return { ...value };
  throw fail(`an object as ${name}`, describe(value));
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value) && value.length <= MOST_LAYERS) return [...value];
  throw fail(`a list of at most ${MOST_LAYERS} as ${name}`, describe(value));
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw fail(`a text as ${name}`, describe(value));
}

/** A layer as the file has it. */
function readLayer(value: unknown): Omit<KerasNode, 'inputs'> & { readonly inbound: unknown } {
  const layer = record(value, 'a layer');
  const config = record(layer.config, 'config of a layer');
  const type = text(layer.class_name, 'class_name');
  const name = text(layer.name ?? config.name, 'the name of a layer');
  const title = `${quote(type || 'layer', 60).slice(1, -1)} ${quote(name)}`;
  return { title, name, type, config, inbound: layer.inbound_nodes };
}

/** The shape that a first layer, or an `InputLayer`, has in its options. */
function shapeOf(config: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  const shape = config.batch_input_shape ?? config.batch_shape;
  return Array.isArray(shape) ? shape.slice(1) : undefined;
}

/** Name of the image in a list of layers: no layer has it. */
const IMAGE = '';

/** Each layer reads the one before it. */
function sequence(config: unknown): Omit<KerasGraph, 'isKeras3'> {
  const all = list(Array.isArray(config) ? config : record(config, 'config').layers, 'layers');
  const layers = all.map(readLayer);
  const [first] = layers;
  const inputShape = shapeOf(first?.config ?? {});
  if (first === undefined || inputShape === undefined) {
    throw fail(
      'a first layer with batch_input_shape',
      describe(first?.title),
      'Build the model first',
    );
  }
  const rest = layers.filter(({ type }) => type !== 'InputLayer');
  const nodes = rest.map((layer, i) => ({ ...layer, inputs: [rest[i - 1]?.name ?? IMAGE] }));
  checkNames(nodes);
  return { inputShape, input: IMAGE, output: nodes.at(-1)?.name ?? IMAGE, nodes };
}

function network(config: Readonly<Record<string, unknown>>): Omit<KerasGraph, 'isKeras3'> {
  const layers = list(config.layers, 'layers').map(readLayer);
  const [input, ...otherInputs] = ends(config.input_layers, 'input_layers');
  const [output, ...otherOutputs] = ends(config.output_layers, 'output_layers');
  if (input === undefined || output === undefined || otherInputs.length + otherOutputs.length > 0) {
    throw fail(
      'one input and one output',
      'more or none',
      'Save the part from the image to the result',
    );
  }
  const first = layers.find(({ name }) => name === input);
  const inputShape = shapeOf(first?.config ?? {});
  if (inputShape === undefined) throw fail(`an input layer ${quote(input)} with its shape`, 'none');
  const nodes = layers
    .filter(({ name }) => name !== input)
    .map((layer) => ({ ...layer, inputs: sourcesOf(layer) }));
  checkNames(nodes);
  if (output !== input && !nodes.some(({ name }) => name === output)) {
    throw fail(`a layer ${quote(output)} as its output`, 'none');
  }
  return { inputShape, input, output, nodes: inOrder(nodes, input) };
}

/** Names of the layers at the ends of a network: `[name, 0, 0]`, or a list of these. */
function ends(value: unknown, name: string): readonly string[] {
  const all = list(value, name);
  return (typeof all[0] === 'string' ? [all] : all).map((end) => text(list(end, name)[0], name));
}

/** What a layer reads, one layer at least. */
function sourcesOf(layer: ReturnType<typeof readLayer>): readonly string[] {
  const names = namesIn(layer);
  if (names.length > 0) return names;
  throw fail(`${layer.title} to read a layer`, 'none');
}

/** What a layer reads: `[[name, 0, 0, {}], …]` once; in Keras 3 `{ args: [tensors] }`. */
function namesIn({ title, inbound }: ReturnType<typeof readLayer>): readonly string[] {
  const calls = list(inbound, `inbound_nodes of ${title}`);
  if (calls.length !== 1) {
    throw fail(
      `${title} to be used once`,
      `${calls.length} times`,
      'Give each use a layer of its own',
    );
  }
  const [call] = calls;
  if (!isRecord(call)) {
    const all = list(call, `inbound_nodes of ${title}`);
    // in old files a single input is not in a list of its own
    return (typeof all[0] === 'string' ? [all] : all).map((from) =>
      text(list(from, `inbound_nodes of ${title}`)[0], `an input of ${title}`),
    );
  }
  const args = list(call.args, `args of ${title}`);
  return (Array.isArray(args[0]) ? list(args[0], `args of ${title}`) : args).map((tensor) => {
    const config = isRecord(tensor) && isRecord(tensor.config) ? tensor.config : {};
    const history = list(config.keras_history, `an input of ${title}`);
    return text(history[0], `an input of ${title}`);
  });
}

function checkNames(nodes: readonly KerasNode[]): void {
  const names = new Set<string>();
  for (const { name, title } of nodes) {
    if (names.has(name)) throw fail('a name of its own for each layer', `${title} twice`);
    names.add(name);
  }
}

/** Layers behind those that they read. @throws {FormatError} if one reads what nobody gives, or itself. */
function inOrder(nodes: readonly KerasNode[], input: string): readonly KerasNode[] {
  const given = new Set([input]);
  const ordered: KerasNode[] = [];
  for (let left = nodes; left.length > 0; ) {
    const [ready, waiting]: [KerasNode[], KerasNode[]] = [[], []];
    for (const node of left) {
      const isReady = node.inputs.every((name) => given.has(name));
      (isReady ? ready : waiting).push(node);
      if (isReady) given.add(node.name);
    }
    if (ready.length === 0) {
      const { title = '', inputs = [] } = waiting[0] ?? {};
      const missing = inputs.find((name) => !given.has(name)) ?? '';
      throw fail(`layers that give what ${title} reads`, `no ${quote(missing)} before it`);
    }
    ordered.push(...ready);
    left = waiting;
  }
  return ordered;
}
