/** The network and the digits that the page works with, and how they become others. @module */
import type { Checkpoint, ModelSpec } from 'convlet';
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
