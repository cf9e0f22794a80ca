/**
 * ReLU with a trained slope for each channel (He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015, section 2).
 * Kernels: assembly/activations/prelu.ts. Oracle: src/reference/prelu.ts.
 * @module
 */
import { flag } from '../base/options.ts';
import { elementCount } from '../base/shape.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface PreluSpec extends Placement {
  readonly type: 'prelu';
  /** False freezes the layer: its slopes keep their values. @default true */
  readonly trainable?: boolean;
}

/**
 * `y = x > 0 ? x : weight[c]·x`, c the channel, or the feature of a row; the slope at 0 is `weight[c]`.
 *
 * x, y, dx, dy: `[N, C, …]`. Trained: `weight[C]`, 0.25; weight decay with `decayBiases: false` spares it.
 */
export const prelu: LayerFactory<PreluSpec> = layer<PreluSpec>({
  type: 'prelu',
  options: { trainable: flag },
  backwardReads: ['x'],
  outputShape: (_where, _spec, [input]) => input,
  parameters: (_spec, [[channels = 1]]) => [
    { name: 'weight', shape: [channels], role: 'trained', initial: { constant: 0.25 } },
  ],
  emit(to, _spec, [[channels = 1, ...rest]], { batch, x, y, dx, dy, parameters, gradients }) {
    const { weight: w = 0 } = parameters;
    const { weight: dw = 0 } = gradients;
    const sizes = [batch, channels, elementCount(rest)] as const;
    to.forward('preluForward', y, x, w, ...sizes);
    if (dw !== 0) to.backward('preluBackwardWeight', dw, dy, x, ...sizes);
    if (dx !== 0) to.backward('preluBackwardInput', dx, dy, x, w, ...sizes);
  },
});
