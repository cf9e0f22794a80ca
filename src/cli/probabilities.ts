/** What a model makes of labelled images, as probabilities of their classes. @module */
import { elementCount } from '../base/shape.ts';
import type { Dataset, Tensor } from '../base/types.ts';
import { inferNetwork } from '../compile/network.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { lossOf } from '../losses/registry.ts';
import type { Model } from '../model/model.ts';

/**
 * `[N, classes]`: the outputs of a final softmax, the softmax of logits, and for answers of yes and no the probabilities of either.
 */
export function probabilitiesOf(
  model: Pick<Model, 'predict' | 'spec' | 'loss'>,
  { images, classes }: Pick<Dataset, 'images' | 'classes'>,
): Tensor {
  const output = model.predict(images);
  const last = model.spec.layers.at(-1)?.type;
  const length = output.shape[1] ?? 1;
  const count = output.data.length / length;
  const data = new Float32Array(count * classes);
  const isAnswer = model.loss !== undefined && lossOf(model.loss).prediction === 'half';
  if (!isAnswer && last === 'softmax') return output;
  for (let n = 0; n < count; n++) {
    const row = output.data.subarray(n * length, (n + 1) * length);
    data.set(isAnswer ? answer(row[0] ?? 0, last === 'sigmoid') : softmax(row), n * classes);
  }
  return { shape: [count, classes], data };
}

/**
 * How many classes a model tells apart; undefined if its outputs do not come to probabilities of classes.
 */
export function classCount({ spec, loss }: Pick<ModelFile, 'spec' | 'loss'>): number | undefined {
  const outputs = elementCount(inferNetwork(spec).output);
  const prediction = loss && lossOf(loss).prediction;
  if (prediction === 'half') return outputs === 1 ? 2 : undefined;
  const isKnown = prediction === 'largest' || spec.layers.at(-1)?.type === 'softmax';
  return isKnown ? outputs : undefined;
}

/** The probabilities of no and yes. */
function answer(value: number, isProbability: boolean): number[] {
  const yes = isProbability ? value : 1 / (1 + Math.exp(-value));
  return [1 - yes, yes];
}

function softmax(row: Float32Array): Float32Array {
  const most = row.reduce((largest, logit) => Math.max(largest, logit), Number.NEGATIVE_INFINITY);
  const powers = row.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}
