/** The network and the digits that the page works with, and how they become others. @module */
import {
  type Backend,
  type Checkpoint,
  createModel,
  layers,
  type ModelSpec,
  namedModels,
  type Shape,
} from 'convlet';
import { type Digits, firstOf } from './digits.ts';
import { networkOf, textOf } from './networks.ts';
import { learningRateOf, type Settings, scheduleOf, THESIS } from './settings.ts';

/** Pictures that every network with a name reads. */
const USUAL: Shape = [1, 28, 28];

export class Workbench {
  digits: Digits;
  /** Whether the digits are those that come with the page. */
  isBundled = true;
  /** What `loadDataset` is given to read these digits, if it can. */
  path: string | undefined;
  readonly #backend: Backend;

  constructor(backend: Backend, digits: Digits) {
    this.#backend = backend;
    this.digits = digits;
  }

  /**
   * The network that settings ask for, for these digits.
   * @throws {Error} if its text makes no sense, or it does not fit these pictures and their classes.
   */
  specOf({ network }: Settings): ModelSpec {
    const { shape, classes } = this.digits.train;
    const isTooSmall = () =>
      !this.#reads(network, shape, classes) && this.#reads(network, USUAL, classes);
    if (!this.isBundled && isTooSmall()) {
      throw new Error(
        `Expected larger pictures for this network, got ${sizeOf(shape)}. Choose another one, such as Reference.`,
      );
    }
    return this.fitting(networkOf(network, shape, classes), 'Network');
  }

  /** The digits that settings ask for: all, or the first ones to train on. */
  digitsFor({ samples }: Settings): Digits {
    const { train, test } = this.digits;
    return samples === 0 ? this.digits : { train: firstOf(train, samples), test };
  }

  /**
   * A network from elsewhere.
   * @throws {Error} if it reads pictures of another size than the digits here, or its output is not a number for each class.
   */
  fitting(spec: ModelSpec, name: string): ModelSpec {
    const { shape, classes } = this.digits.train;
    const [here, there] = [shape, spec.inputShape].map((sizes) => sizes.join(' × '));
    if (here !== there) {
      throw new Error(
        `${name}: expected a network for pictures of ${here}, as those here are, got one for ${there}. Drop its data set first.`,
      );
    }
    const { output } = this.#endOf(spec);
    if (String(output) === String(classes)) return spec;
    throw new Error(
      `${name}: expected a network of ${classes} outputs, one for each class of the pictures here, got ${output.join(' × ')}. Give it a last layer of ${classes} units.`,
    );
  }

  /**
   * The network of a file that is to answer and to learn here. Files of PyTorch end in logits: they get a softmax.
   * @throws {Error} as `fitting` does.
   */
  adopted(spec: ModelSpec, name: string): ModelSpec {
    const { type } = this.#endOf(this.fitting(spec, name));
    return type === 'softmax' ? spec : { ...spec, layers: [...spec.layers, layers.softmax()] };
  }

  /** Networks that weights alone may belong to: the present one, and those with a name. */
  networks(present: ModelSpec | undefined): readonly ModelSpec[] {
    const { shape, classes } = this.digits.train;
    const named = Object.values(namedModels).map((build) => build(shape, classes));
    return present === undefined ? named : [present, ...named];
  }

  /**
   * Takes the reader's own pictures.
   * @param file Its name, and what `loadDataset` is given to read the same.
   * @returns a network that reads them: this one, or else the thesis's.
   * @throws {Error} if neither does; then the digits here stay.
   */
  use(
    digits: Digits,
    network: string,
    { name, path }: { readonly name: string; readonly path: string | undefined },
  ): string {
    const { shape, classes } = digits.train;
    const found = [network, THESIS.network].find((text) => this.#reads(text, shape, classes));
    if (found === undefined) {
      throw new Error(
        `${name}: expected pictures of at least 4 × 4, which the smallest network here reads, got ${sizeOf(shape)}. Make them larger.`,
      );
    }
    this.digits = digits;
    this.path = path;
    this.isBundled = false;
    return found;
  }

  /** The settings that a checkpoint goes on with; what it does not know is as before. */
  settingsOf(checkpoint: Checkpoint, before: Settings): Settings {
    const { spec, seed, batchSize, optimizer, augment, earlyStopping, history, data } = checkpoint;
    const { shape, classes, labels } = this.digits.train;
    return {
      ...before,
      samples: data.count < labels.length ? data.count : 0,
      network: textOf(spec, shape, classes),
      seed,
      batchSize,
      optimizer: optimizer.type,
      learningRate: learningRateOf(optimizer),
      schedule: scheduleOf(optimizer),
      shift: augment?.shift ?? 0,
      rotate: augment?.rotate ?? 0,
      patience: earlyStopping?.patience ?? 0,
      epochs: Math.max(before.epochs, history.length + 1),
    };
  }

  /** Whether a network can be, reads pictures of this shape, and has an answer for each class. */
  #reads(network: string, shape: Shape, classes: number): boolean {
    try {
      const spec = networkOf(network, shape, classes);
      const { output } = this.#endOf(spec);
      return String(spec.inputShape) === String(shape) && String(output) === String(classes);
    } catch {
      return false;
    }
  }

  /** The last layer of a network, and the shape of what comes out of it. @throws {Error} if the network cannot be. */
  #endOf(spec: ModelSpec): { readonly type?: string; readonly output: Shape } {
    const model = createModel(this.#backend, spec);
    const end = model.layers.at(-1) ?? { output: spec.inputShape };
    model.dispose();
    return end;
  }
}

/** `8 × 8` */
function sizeOf([, ...sides]: Shape): string {
  return sides.join(' × ');
}
