/** What is trained on what, in words. @module */
import type { Checkpoint } from 'convlet';
import type { Digits } from './digits.ts';
import { byId, setText } from './dom.ts';
import { count } from './numbers.ts';
import type { Training } from './training.ts';

/** Writes it where the page speaks of it. */
export function describeTraining({ digits, steps, parameterCount, settings }: Training): void {
  const write = (id: string, text: string) => setText(byId(id, HTMLElement), text);
  const parameters = parameterCount.toLocaleString('en');
  const many = digits?.train.labels.length.toLocaleString('en') ?? '';
  const held = digits?.test.labels.length.toLocaleString('en') ?? '';
  write('train-count', many);
  write('batch-count', count(settings.batchSize, 'picture'));
  write('parameter-count', parameters);
  write('summary', `${steps.join(' → ')} · ${parameters} parameters`);
  write('data-name', `Now: ${digits?.train.name}, ${many} to train on, ${held} to test.`);
}

/** `900 pictures of 8 × 8 in 10 classes to train on, 100 to test.` */
export function describeData({ train, test }: Digits): string {
  const [, height, width] = train.shape;
  const many = count(train.labels.length, 'picture');
  return `${many} of ${height} × ${width} in ${train.classes} classes to train on, ${test.labels.length.toLocaleString('en')} to test.`;
}

/** `3 epochs and 12 batches` */
export function doneText({ history, begun }: Checkpoint): string {
  const epochs = count(history.length, 'epoch');
  return begun.step === 0 ? epochs : `${epochs} and ${count(begun.step, 'batch', 'batches')}`;
}

/** `after epoch 2, batch 31`: of which step a figure is. */
export function momentText(epochsDone: number, step: number, stepsPerEpoch: number): string {
  if (step > 0) return `after ${batchText(epochsDone, step, stepsPerEpoch)}`;
  return epochsDone === 0 ? 'before the first batch' : `after epoch ${epochsDone}`;
}

/** `batch 31 of 63 in epoch 3`: of the step that was `step` in its epoch, counted from 1. */
export function batchText(epochsDone: number, step: number, stepsPerEpoch: number): string {
  return `batch ${step} of ${stepsPerEpoch} in epoch ${epochsDone + 1}`;
}
