/**
 * The same steps twice, on one thread each: from the same weights, on the same batches, by Convlet and by plain
 * JavaScript. The losses are compared before the times are.
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

export interface Comparison {
  readonly steps: number;
  /** Milliseconds a step. */
  readonly plain: number;
  readonly convlet: number;
  /** The loss of the last step, by both. */
  readonly plainLoss: number;
  readonly convletLoss: number;
  /** The largest difference between two losses of the same step. */
  readonly difference: number;
}

/** Of both: small enough for every network to follow the same path in f32 for a dozen steps. */
const LEARNING_RATE = 0.01;

interface Run {
  readonly losses: readonly number[];
  /** A step, in ms. */
  readonly time: number;
}

export async function compare(request: ComparisonRequest): Promise<Comparison> {
  const plain = runPlain(request);
  const convlet = await runConvlet(request);
  const differences = plain.losses.map((loss, i) =>
    Math.abs(loss - (convlet.losses[i] ?? Number.NaN)),
  );
  return {
    steps: plain.losses.length,
    plain: plain.time,
    convlet: convlet.time,
    plainLoss: plain.losses.at(-1) ?? Number.NaN,
    convletLoss: convlet.losses.at(-1) ?? Number.NaN,
    difference: Math.max(...differences),
  };
}

/** Two batches first, for the engine to compile the loops; then all of them, timed. */
function runPlain({ spec, weights, data, batchSize }: ComparisonRequest): Run {
  const batches = batchesOf(data, batchSize);
  const warmUp = new PlainNetwork(spec, weights);
  for (const { images, labels } of batches.slice(0, 2)) warmUp.step(images, labels, LEARNING_RATE);
  const network = new PlainNetwork(spec, weights);
  const start = performance.now();
  const losses = batches.map(({ images, labels }) => network.step(images, labels, LEARNING_RATE));
  return { losses, time: (performance.now() - start) / batches.length };
}

/** An epoch to warm up too; then the first steps again, timed over more epochs, for one is soon over. */
async function runConvlet({ spec, weights, data, batchSize }: ComparisonRequest): Promise<Run> {
  const backend = await createBackend();
  const model = createModel(backend, spec);
  const options = {
    batchSize,
    optimizer: optimizers.sgd({ learningRate: LEARNING_RATE }),
    shuffle: false,
  };
  try {
    model.setWeights(weights);
    await model.fit(data, options);
    model.setWeights(weights);
    const losses: number[] = [];
    await model.fit(data, { ...options, onStepEnd: ({ loss }) => losses.push(loss) });
    const { epochs } = await model.fit(data, { ...options, epochs: 5 });
    const seconds = epochs.reduce((total, epoch) => total + epoch.seconds, 0);
    return { losses, time: (1000 * seconds) / epochs.length / losses.length };
  } finally {
    model.dispose();
    backend.dispose();
  }
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
