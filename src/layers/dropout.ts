/**
 * Dropout: sets numbers to 0 at random while training, and scales the others so that their mean stays (Srivastava, Hinton,
 * Krizhevsky, Sutskever & Salakhutdinov, "Dropout: a simple way to prevent neural networks from overfitting", 2014; scaled
 * as section 10 has it). Kernel: assembly/regularization/dropout.ts. Oracle: src/reference/dropout.ts.
 * @module
 */
import { decay, flag } from '../base/options.ts';
import { elementCount } from '../base/shape.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface DropoutSpec extends Placement {
  readonly type: 'dropout';
  /** Share of the numbers that become 0, from 0 to below 1. @default 0.5 */
  readonly rate?: number;
  /** True keeps or drops whole channels: all pixels of a channel share their fate. @default false */
  readonly perChannel?: boolean;
}

/**
 * `y = x / (1 − rate)` with probability `1 − rate`, else 0, while training; `y = x` otherwise.
 *
 * Which numbers stay follows from the model's seed, the epoch of its life, the batch of the epoch, the layer's place in the
 * spec, the image's place in the batch and the element, or the channel: the same on any number of threads, and after a resume.
 */
export const dropout: LayerFactory<DropoutSpec> = layer<DropoutSpec>({
  type: 'dropout',
  options: { rate: decay, perChannel: flag },
  hasModes: true,
  backwardReads: [],
  isInPlace: true,
  outputShape: (_where, _spec, [input]) => input,
  emit(to, spec, [input], { mode, batch, first, layer, clock, x, y, dx, dy }) {
    const { rate = 0.5, perChannel = false } = spec;
    const [channels = 1, ...plane] = input;
    const sizes = perChannel
      ? ([channels, elementCount(plane)] as const)
      : ([elementCount(input), 1] as const);
    const draw = [clock, batch, ...sizes, first, layer] as const;
    const dropped = mode === 'train' ? rate : 0;
    to.forward('dropout', y, x, ...draw, dropped);
    if (dx !== 0) to.backward('dropout', dx, dy, ...draw, dropped);
  },
});
