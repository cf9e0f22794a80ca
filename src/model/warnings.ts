/** What is likely not meant, though it is allowed: told once each, and training goes on. @module */
import { isTypedArray } from '../base/brands.ts';
import { elementCount } from '../base/shape.ts';
import type { Dataset, EpochEvent, Images, Shape, ValueDataset } from '../base/types.ts';
import { targetsOf } from '../data/dataset.ts';
import type { Stream } from '../data/source.ts';
import { type LossSpec, lossOf } from '../losses/registry.ts';

/** Mean of floats above which they look like bytes. */
const MOST_MEAN = 2;
/** Epochs after which a loss that has not moved is told, and what counts as a move, relative to it. */
const STILL_EPOCHS = 3;
const LEAST_MOVE = 1e-5;

/** Follows a run and tells what it notices. */
export class Warner {
  readonly #warn: (text: string) => void;
  readonly #guess: number;
  readonly #told = new Set<string>();
  #losses: number[];

  /** @param history The epochs that were done before. */
  constructor(
    warn: (text: string) => void,
    dataset: Dataset | ValueDataset | Stream,
    output: Shape,
    loss: LossSpec,
    history: readonly EpochEvent[],
  ) {
    this.#warn = warn;
    this.#guess = guessOf(dataset, output, loss);
    this.#losses = history.map((event) => event.loss);
  }

  /** Looks at images, all of them or some. */
  lookAt(images: Images['images']): void {
    const mean = meanOf(images);
    if (mean <= MOST_MEAN) return;
    this.#tell(
      'bytes',
      `the images are floats of mean ${mean.toPrecision(3)}, which looks like bytes. Give them as Uint8Array, or divide them by 255.`,
    );
  }

  afterEpoch({ epoch, loss }: EpochEvent): void {
    const guess = this.#guess;
    const before = this.#losses.at(-1) ?? 0; // what no loss is under
    const limit = this.#losses.push(loss) === 1 ? 2 : 1; // the first epoch begins with weights that know nothing
    if (loss > limit * guess && loss >= before) {
      this.#tell(
        'guessing',
        `epoch ${epoch} is worse than guessing: loss ${loss.toPrecision(4)}, and ${guess.toPrecision(4)} without looking at the images. Lower the learning rate.`,
      );
    }
    const last = this.#losses.slice(-STILL_EPOCHS);
    const isStill = last.every((value) => Math.abs(value - loss) <= LEAST_MOVE * Math.abs(loss));
    if (last.length === STILL_EPOCHS && isStill && loss > 0) {
      this.#tell(
        'still',
        `the loss has not moved for ${STILL_EPOCHS} epochs, it is ${loss.toPrecision(4)}. Try another learning rate or another seed.`,
      );
    }
  }

  #tell(kind: string, text: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#warn(text);
  }
}

/**
 * The loss of a network that answers the same whatever it is shown, as losses define it (`guess`).
 *
 *   Σₙ v[n]·guess[n] / Σₙ v[n]·w[label[n]]
 *
 * v the weights of images, w those of classes (losses/weighting.ts). Of a stream, what is known before it is read.
 */
function guessOf(data: Dataset | ValueDataset | Stream, output: Shape, loss: LossSpec): number {
  const dataset = 'part' in data ? data.known : data;
  if (dataset === undefined) return Number.POSITIVE_INFINITY;
  const definition = lossOf(loss);
  const length = elementCount(output);
  const hasLabels = targetsOf(dataset) === 'classes';
  const targets = hasLabels ? (dataset as Dataset).labels : (dataset as ValueDataset).targets;
  const ofClasses = definition.weighsLabels ? definition.weights?.(loss, length) : [];
  const perImage = hasLabels ? 1 : length;
  const weightOf = (i: number) => dataset.weights?.[Math.floor(i / perImage)] ?? 1;
  let [weight, total] = [0, 0];
  for (const [i, target] of targets.entries()) {
    weight += weightOf(i);
    total += weightOf(i) * target;
  }
  const guess = definition.guess(loss, length, total / weight);
  let [sum, divisor] = [0, 0];
  for (const [i, target] of targets.entries()) {
    sum += weightOf(i) * guess(target, i % perImage);
    divisor += weightOf(i) * (ofClasses?.[target] ?? 1);
  }
  return sum / divisor;
}

/** Of floats; bytes are as they should be. */
function meanOf(numbers: Uint8Array | Float32Array): number {
  if (isTypedArray(numbers, 'Uint8Array')) return 0;
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i] ?? 0;
  return sum / numbers.length;
}
