/** Trainings with a name. @module */
import type { ModelSpec } from '../compile/spec.ts';
import * as optimizers from '../optimizers/index.ts';
import * as schedules from '../schedules/index.ts';
import type { FitOptions } from './fitOptions.ts';

/** The options of `fit` that a recipe may set: those that the trained network follows from. */
export const RECIPE_OPTIONS = [
  'epochs',
  'batchSize',
  'optimizer',
  'loss',
  'metrics',
  'shuffle',
  'validationSplit',
  'earlyStopping',
  'augment',
  'averageWeights',
  'accumulate',
  'shards',
] as const;

/** A network and how it is trained. What is left out is as without a recipe. */
export interface Recipe extends Pick<FitOptions, (typeof RECIPE_OPTIONS)[number]> {
  /** The name of a network, a file of a spec, or a spec. */
  readonly model?: string | ModelSpec;
}

/** For handwriting and print: small enough that a digit stays what it is. */
const HANDWRITING = { shift: 2, rotate: 10, zoom: 0.1 } as const;

type Name = 'reference' | 'fast' | 'tiny' | 'accurate' | 'pictures';

/** The recipes. Every choice was made on images held out of the training images. */
export const recipes: Readonly<Record<Name, Recipe>> & Readonly<Record<string, Recipe>> = {
  /** The thesis: what `convlet train` does by default. */
  reference: {
    model: 'reference',
    epochs: 20,
    batchSize: 128,
    optimizer: optimizers.sgd({ learningRate: 0.01 }),
  },

  /** One pass over the images, a few seconds. */
  fast: {
    model: 'fast',
    epochs: 1,
    batchSize: 128,
    optimizer: optimizers.adam({
      learningRate: schedules.oneCycle({ peak: 0.02, rise: 0.25 }),
      beta1: 0.7,
      beta2: 0.9,
    }),
    loss: { type: 'categoricalCrossentropy', labelSmoothing: 0.1 },
  },

  /** The most that 10,000 parameters can. */
  tiny: {
    model: 'tiny',
    epochs: 15,
    ...slowly(),
    augment: HANDWRITING,
  },

  /** The most that 100,000 parameters can. */
  accurate: {
    model: 'accurate',
    epochs: 8,
    ...slowly(),
    augment: HANDWRITING,
  },

  /** Pictures of any kind, of which nothing is known: ends by itself, and leaves the test images for the end. */
  pictures: {
    model: 'resnet8',
    epochs: 100,
    batchSize: 32,
    optimizer: optimizers.adamw({
      learningRate: schedules.reduceOnPlateau({ from: 0.002, factor: 0.3, patience: 4 }),
      decayBiases: false,
    }),
    validationSplit: 0.1,
    earlyStopping: { patience: 12 },
    augment: HANDWRITING,
  },
};

/** Adam, at a rate that rises for a quarter of the run and then falls to nothing; smoothed labels, averaged weights. */
function slowly(): Recipe {
  return {
    batchSize: 128,
    optimizer: optimizers.adam({
      learningRate: schedules.oneCycle({ peak: 0.01, rise: 0.25 }),
      beta2: 0.99,
    }),
    loss: { type: 'categoricalCrossentropy', labelSmoothing: 0.05 },
    averageWeights: {},
  };
}
