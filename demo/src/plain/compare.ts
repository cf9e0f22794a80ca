/**
 * The same steps twice, on one thread each: from the same weights, on the same batches, by Convlet and by plain JavaScript.
 * The losses are compared before the times are. Each side has a worker of its own: once a thread has detached a buffer, as
 * Convlet's memory does when it grows, V8's typed arrays are slower in it (docs/performance.md).
 * @module
 */
import {
  createBackend,
  createModel,
  type Dataset,
  type ModelSpec,
  optimizers,
  type Tensor,
} from 'convlet';
import { PlainNetwork } from './network.ts';

export interface ComparisonRequest {
  readonly spec: ModelSpec;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** As many images as the steps take, in order. */
  readonly data: Dataset;
  readonly batchSize: number;
}

/** Milliseconds of a step, and of its forward pass alone. */
export interface Sample {
  readonly step: number;
  readonly forward: number;
}

/** One of the two. */
export interface Side {
  /** Of every step on the data, once through. They have warmed it up. */
  readonly losses: readonly number[];
  /** Steps for at least so many milliseconds, one step at least. @returns what each took. */
  sample(milliseconds: number): Promise<Sample>;
}

/** Of both: small enough for every network to follow the same path in f32 for a dozen steps. */
const LEARNING_RATE = 0.01;

export const sides = { plain: plainSide, convlet: convletSide } as const;

async function plainSide({ spec, weights, data, batchSize }: ComparisonRequest): Promise<Side> {
  const batches = batchesOf(data, batchSize);
  const network = new PlainNetwork(spec, weights);
  const losses = batches.map(({ images, labels }) => network.step(images, labels, LEARNING_RATE));
  let next = 0;
  const sample = async (milliseconds: number): Promise<Sample> => {
    const start = performance.now();
    let [steps, forward, time] = [0, 0, 0];
    while (steps === 0 || time < milliseconds) {
      const batch = batches[next++ % batches.length];
      if (batch !== undefined) network.step(batch.images, batch.labels, LEARNING_RATE);
      forward += network.forwardTime;
      steps++;
      time = performance.now() - start;
    }
    return { step: time / steps, forward: forward / steps };
  };
  return { losses, sample };
}

/** Forward is what `predict` takes for the same images. */
async function convletSide({ spec, weights, data, batchSize }: ComparisonRequest): Promise<Side> {
  const model = createModel(await createBackend(), spec);
  const optimizer = optimizers.sgd({ learningRate: LEARNING_RATE });
  const options = { batchSize, optimizer, shuffle: false };
  model.setWeights(weights);
  const losses: number[] = [];
  await model.fit(data, { ...options, onStepEnd: ({ loss }) => losses.push(loss) });
  const sample = async (milliseconds: number): Promise<Sample> => {
    let [epochs, time] = [0, 0];
    while (epochs === 0 || time < milliseconds) {
      const history = await model.fit(data, options);
      time += 1000 * (history.epochs.at(-1)?.seconds ?? 0);
      epochs++;
    }
    const start = performance.now();
    model.predict(data.images);
    const forward = performance.now() - start;
    return { step: time / epochs / losses.length, forward: forward / losses.length };
  };
  return { losses, sample };
}

function batchesOf({ images, labels, shape }: Dataset, batchSize: number) {
  const pixels = shape.reduce((product, size) => product * size, 1);
  const bytes =
    images instanceof Uint8Array
      ? images
      : Uint8Array.from(images, (value) => Math.round(value * 255));
  return Array.from({ length: Math.ceil(labels.length / batchSize) }, (_, i) => ({
    images: bytes.subarray(i * batchSize * pixels, (i + 1) * batchSize * pixels),
    labels: labels.subarray(i * batchSize, (i + 1) * batchSize),
  }));
}
