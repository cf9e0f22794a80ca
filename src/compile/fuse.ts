/**
 * From the layers of a network to the steps that run: a layer each, or several at once if a fused kernel covers them.
 * Pure: no memory, no batch.
 * @module
 */
import { convReluPoolStep, isConvReluPool } from '../layers/convReluPool.ts';
import type {
  Emitter,
  LargestScratch,
  LayerCall,
  LayerDefinition,
  Shapes,
} from '../layers/layer.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { mebibytes } from '../wasm/memory.ts';
import type { Network, NetworkLayer, Parameter } from './network.ts';

/** One step of a program: what a layer's definition says, with its spec and its inputs filled in. */
export interface Step {
  /** The layer's type, or the types that were fused: `conv2d + relu + maxPool2d`. */
  readonly name: string;
  /** The layers of the spec that it stands for, by index. */
  readonly layers: readonly number[];
  /** Values that it reads, and the one that it makes. */
  readonly inputs: readonly number[];
  readonly output: number;
  readonly parameters: readonly Parameter[];
  /** True if y is x under another shape: no memory, no calls. */
  readonly isView: boolean;
  /** True if the gradient of every input is that of the output. */
  readonly passesGradient: boolean;
  /** True if y may take the place of x. */
  readonly isInPlace: boolean;
  /** Whether backward reads x and y again. */
  readonly readsX: boolean;
  readonly readsY: boolean;
  /** Bytes kept for backward, for each image. */
  savedBytes(kernels: Kernels): number;
  scratchBytes(kernels: Kernels, batch: number): number;
  /** Bytes of the partial results of a shard; above 0 the shards of a batch meet in this step. */
  readonly partialBytes: number;
  emit(to: Emitter, call: Omit<LayerCall, 'layer'>): void;
}

/** What a fusion makes of the layers that begin with `first`, if it covers them. */
type Fusion = (first: NetworkLayer, network: Network) => Step | undefined;

const fusions: readonly Fusion[] = [fuseConvReluPool];

/** The steps of a network. Without `isFused` each layer is its own. */
export function fuse(network: Network, isFused: boolean): readonly Step[] {
  const steps: Step[] = [];
  const done = new Set<number>();
  for (const layer of network.layers) {
    if (done.has(layer.index)) continue;
    const step = isFused ? firstFusion(layer, network) : undefined;
    steps.push(step ?? stepOf(layer));
    for (const index of step?.layers ?? []) done.add(index);
  }
  return steps;
}

function firstFusion(layer: NetworkLayer, network: Network): Step | undefined {
  for (const fusion of fusions) {
    const step = fusion(layer, network);
    if (step !== undefined) return step;
  }
  return undefined;
}

/** Convolution, ReLU and pooling as one, if they follow one another and the kernel covers them. */
function fuseConvReluPool(first: NetworkLayer, network: Network): Step | undefined {
  const second = onlyReader(first, network);
  const third = second && onlyReader(second, network);
  const [conv, relu, pool] = [first.spec, second?.spec, third?.spec];
  if (conv.type !== 'conv2d' || relu?.type !== 'relu' || pool?.type !== 'maxPool2d') return;
  if (second === undefined || third === undefined) return;
  const { inputs, inputShapes, parameters } = first;
  const spec = { conv, pool };
  if (!isConvReluPool(spec, inputShapes)) return;
  const layers = [first, second, third];
  return {
    ...bind(convReluPoolStep, spec, inputShapes, first),
    name: layers.map((layer) => layer.spec.type).join(' + '),
    layers: layers.map(({ index }) => index),
    inputs,
    output: third.index + 1,
    parameters,
  };
}

/** The layer right after this one, if nothing else reads the value between them: it need not exist then. */
function onlyReader({ index }: NetworkLayer, { layers }: Network): NetworkLayer | undefined {
  const reads = layers.flatMap((layer) => layer.inputs.filter((value) => value === index + 1));
  const next = layers[index + 1];
  return reads.length === 1 && next?.inputs.includes(index + 1) ? next : undefined;
}

/** A layer as a step of its own. */
export function stepOf(layer: NetworkLayer): Step {
  const { index, spec, definition, inputs, inputShapes, parameters } = layer;
  return {
    ...bind(definition, spec, inputShapes, layer),
    name: spec.type,
    layers: [index],
    inputs,
    output: index + 1,
    parameters,
  };
}

function bind<Spec>(
  definition: Pick<
    LayerDefinition<Spec>,
    | 'isView'
    | 'passesGradient'
    | 'isInPlace'
    | 'backwardReads'
    | 'savedBytes'
    | 'scratchBytes'
    | 'largestScratch'
    | 'partialBytes'
    | 'emit'
  >,
  spec: Spec,
  inputs: Shapes,
  layer: NetworkLayer,
): Omit<Step, 'name' | 'layers' | 'inputs' | 'output' | 'parameters'> {
  const { isView = false, backwardReads = ['x', 'y'] } = definition;
  return {
    isView,
    passesGradient: isView || (definition.passesGradient ?? false),
    isInPlace: definition.isInPlace ?? false,
    readsX: backwardReads.includes('x'),
    readsY: backwardReads.includes('y'),
    savedBytes: (kernels) => definition.savedBytes?.(kernels, spec, inputs) ?? 0,
    scratchBytes(kernels, batch) {
      const bytes = definition.scratchBytes?.(kernels, spec, inputs, batch) ?? 0;
      if (bytes < TOO_MUCH) return bytes;
      throw tooMuchScratch(layer.where, definition.largestScratch?.(spec, inputs));
    },
    partialBytes: definition.partialBytes?.(spec, inputs) ?? 0,
    emit: (to, call) => definition.emit(to, spec, inputs, { ...call, layer: layer.index }),
  };
}

/** A kernel's counts are signed: this many bytes stand for any that are more. */
const TOO_MUCH = 2 ** 31 - 1;

function tooMuchScratch(where: string, largest: LargestScratch | undefined): RangeError {
  const got =
    largest === undefined ? 'more' : `${mebibytes(largest.bytes)} for ${largest.part} alone`;
  return new RangeError(
    `${where}: expected at most ${mebibytes(TOO_MUCH)} of scratch memory, got ${got}. ${largest?.remedy ?? 'Use smaller sizes.'}`,
  );
}
