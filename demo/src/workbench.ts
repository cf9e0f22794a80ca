/** The network and the digits that the page works with, and how they become others. @module */
import {
  type Backend,
  type Checkpoint,
  createModel,
  layers,
  type ModelSpec,
  namedModels,
} from 'convlet';
import { type Digits, firstOf } from './digits.ts';
import { networkOf, textOf } from './networks.ts';
import { learningRateOf, type Settings, scheduleOf } from './settings.ts';

export class Workbench {
  digits: Digits;
  /** Whether the digits are those that come with the page. */
  isBundled = true;

  constructor(digits: Digits) {
    this.digits = digits;
  }

  /** The network that settings ask for, for these digits. @throws {Error} where its text makes no sense. */
  specOf({ network }: Settings): ModelSpec {
    const { shape, classes } = this.digits.train;
    return networkOf(network, shape, classes);
  }

  /** The digits that settings ask for: all, or the first ones to train on. */
  digitsFor({ samples }: Settings): Digits {
    const { train, test } = this.digits;
    return samples === 0 ? this.digits : { train: firstOf(train, samples), test };
  }

  /** The network of a file. @throws {Error} if it reads pictures of another size than the digits here. */
  fitting(spec: ModelSpec, name: string): ModelSpec {
    const [here, there] = [this.digits.train.shape, spec.inputShape].map((shape) =>
      shape.join(' × '),
    );
    if (here === there) return spec;
    throw new Error(
      `${name}: expected a network for pictures of ${here}, as the digits here are, got one for ${there}. Drop its data set first.`,
    );
  }

  /**
   * The network of a file that is to answer and to learn here. Files of PyTorch end in logits: they get a softmax.
   * @throws {Error} as `fitting` does, or if its output is not a number for each class.
   */
  adopted(backend: Backend, spec: ModelSpec, name: string): ModelSpec {
    const { classes } = this.digits.train;
    const model = createModel(backend, this.fitting(spec, name));
    const { type, output } = model.layers.at(-1) ?? { output: spec.inputShape };
    model.dispose();
    if (output.length !== 1 || output[0] !== classes) {
      throw new Error(
        `${name}: expected a network of ${classes} outputs, one for each class of the digits here, got ${output.join(' × ')}. Give it a last layer of ${classes} units.`,
      );
    }
    return type === 'softmax' ? spec : { ...spec, layers: [...spec.layers, layers.softmax()] };
  }

  /** Networks that weights alone may belong to: the present one, and those with a name. */
  networks(present: ModelSpec | undefined): readonly ModelSpec[] {
    const { shape, classes } = this.digits.train;
    const named = Object.values(namedModels).map((build) => build(shape, classes));
    return present === undefined ? named : [present, ...named];
  }

  /** Takes the reader's own digits. */
  use(digits: Digits): void {
    this.digits = digits;
    this.isBundled = false;
  }

  /** The settings that a checkpoint goes on with; what it does not know is as before. */
  settingsOf(checkpoint: Checkpoint, before: Settings): Settings {
    const { spec, seed, batchSize, optimizer, augment, earlyStopping, history } = checkpoint;
    const { shape, classes } = this.digits.train;
    return {
      ...before,
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
}
