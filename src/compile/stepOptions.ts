/** What a step is to compute, and of what: all that its calls follow from, beside the plan. @module */
import type { Augment } from '../data/augment.ts';
import type { LossSpec } from '../losses/registry.ts';

/** What the calls are for. `loss` decides what is computed from the output, and whether the last layer runs. */
export type Purpose =
  | { readonly type: 'train' | 'evaluate'; readonly loss: LossSpec }
  | { readonly type: 'predict' };

/** How a source holds its pixels, and its targets. */
export type PixelType = 'u8' | 'f32';
export type TargetType = 'u8' | 'i32' | 'f32';

/** How a source holds both. */
export type SourceTypes = Pick<StepOptions, 'pixels' | 'targets'>;

/** Everything that tells the calls of one step from those of another on the same plan. */
export interface StepOptions {
  readonly purpose: Purpose;
  readonly pixels: PixelType;
  readonly targets: TargetType;
  /** Images of this step, at most the plan's batch. */
  readonly count: number;
  /** True if the images do not weigh alike: there is a factor for each. */
  readonly isWeighted?: boolean;
  /** How the images are changed first. */
  readonly augment?: Augment | undefined;
  /** True to compute with the average of the weights. */
  readonly usesAverage?: boolean;
  /** Whether ranks share an evaluation; otherwise this one computes all of it. Training is always shared. */
  readonly isShared?: boolean;
}
