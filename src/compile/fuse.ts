/**
 * From the layers of a network to the steps that run: a layer each, or several at once where a fused kernel covers them.
 * Pure: no memory, no batch.
 * @module
 */

import type { Shape } from '../base/types.ts';
import { convReluPoolStep, isConvReluPool } from '../layers/convReluPool.ts';
import type { Emitter, LayerDefinition, LayerTensors } from '../layers/layer.ts';
import type { Kernels } from '../wasm/kernels.ts';
import type { NetworkLayer, Parameter } from './network.ts';

/** One step of a program: what a layer's definition says, with its spec and its input filled in. */
export interface Step {
  /** The layer's type, or the types that were fused: `conv2d + relu + maxPool2d`. */
  readonly name: string;
  /** How many layers of the spec it stands for. */
  readonly layerCount: number;
  readonly output: Shape;
  readonly parameters: readonly Parameter[];
  /** True where y is x under another shape: no memory, no calls. */
  readonly isView: boolean;
  /** Bytes kept for backward, for each image. */
  savedBytes(kernels: Kernels): number;
  scratchBytes(kernels: Kernels, batch: number): number;
  emit(to: Emitter, tensors: LayerTensors): void;
}

/** The steps of a network. Without `isFused` each layer is its own. */
export function fuse(layers: readonly NetworkLayer[], isFused: boolean): readonly Step[] {
  const steps: Step[] = [];
  for (let index = 0; index < layers.length; index += steps.at(-1)?.layerCount ?? 1) {
    const step = isFused ? fuseConvReluPool(layers.slice(index, index + 3)) : undefined;
    steps.push(step ?? stepOf(layers[index] as NetworkLayer)); // the index is in range
  }
  return steps;
}

/** Convolution, ReLU and pooling as one, where they are those and the kernel covers them. */
function fuseConvReluPool(layers: readonly NetworkLayer[]): Step | undefined {
  const [first, second, third] = layers;
  const [conv, relu, pool] = [first?.spec, second?.spec, third?.spec];
  if (conv?.type !== 'conv2d' || relu?.type !== 'relu' || pool?.type !== 'maxPool2d') return;
  if (first === undefined || third === undefined) return;
  const { input, parameters } = first;
  const spec = { conv, pool };
  if (!isConvReluPool(spec, input)) return;
  const name = layers.map(({ spec: { type } }) => type).join(' + ');
  return {
    ...bind(convReluPoolStep, spec, input),
    name,
    layerCount: layers.length,
    output: third.output,
    parameters,
    isView: false,
  };
}

function stepOf({ spec, definition, input, output, parameters }: NetworkLayer): Step {
  return {
    ...bind(definition, spec, input),
    name: spec.type,
    layerCount: 1,
    output,
    parameters,
    isView: definition.isView ?? false,
  };
}

function bind<Spec>(
  definition: Pick<LayerDefinition<Spec>, 'savedBytes' | 'scratchBytes' | 'emit'>,
  spec: Spec,
  input: Shape,
): Pick<Step, 'savedBytes' | 'scratchBytes' | 'emit'> {
  return {
    savedBytes: (kernels) => definition.savedBytes?.(kernels, spec, input) ?? 0,
    scratchBytes: (kernels, batch) => definition.scratchBytes?.(kernels, spec, input, batch) ?? 0,
    emit: (to, tensors) => definition.emit(to, spec, input, tensors),
  };
}
