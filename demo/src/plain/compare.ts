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

/** What one of the two came to. */
export interface Run {
  /** Of every step. */
  readonly losses: readonly number[];
  /** A step, in ms: the least, for everything else that the machine does only adds to it. */
  readonly step: number;
  /** Its forward pass alone, in ms, the least as well. */
  readonly forward: number;
}

export interface Comparison {
  readonly plain: Run;
  readonly convlet: Run;
  /** The largest difference between two losses of the same step. */
  readonly difference: number;
}

/** Of both: small enough for every network to follow the same path in f32 for a dozen steps. */
const LEARNING_RATE = 0.01;
/** Times that Convlet's steps are repeated: a dozen of them are over before a clock has noticed. */
const REPEATS = 15;

export async function compare(request: ComparisonRequest): Promise<Comparison> {
  // first: once a thread has detached a buffer, V8's typed arrays are slower in it (docs/performance.md)
  const plain = runPlain(request);
  const convlet = await runConvlet(request);
  const differences = plain.losses.map((loss, i) =>
    Math.abs(loss - (convlet.losses[i] ?? Number.NaN)),
  );
  return { plain, convlet, difference: Math.max(...differences) };
}

/** Two batches first, for the engine to compile the loops; then all of them, each timed. */
function runPlain({ spec, weights, data, batchSize }: ComparisonRequest): Run {
  const batches = batchesOf(data, batchSize);
  const warmUp = new PlainNetwork(spec, weights);
  for (const { images, labels } of batches.slice(0, 2)) warmUp.step(images, labels, LEARNING_RATE);
  const network = new PlainNetwork(spec, weights);
  const steps = batches.map(({ images, labels }) => {
    const [time, loss] = timed(() => network.step(images, labels, LEARNING_RATE));
    return { time, loss, forward: network.forwardTime };
  });
  return {
    losses: steps.map(({ loss }) => loss),
    step: Math.min(...steps.map(({ time }) => time)),
    forward: Math.min(...steps.map(({ forward }) => forward)),
  };
}

/** An epoch to warm up too; then the steps again, an epoch at a time. Forward is what `predict` takes. */
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
    const { epochs } = await model.fit(data, { ...options, epochs: REPEATS });
    const passes = epochs.map(() => timed(() => model.predict(data.images))[0]);
    return {
      losses,
      step: (1000 * Math.min(...epochs.map(({ seconds }) => seconds))) / losses.length,
      forward: Math.min(...passes) / losses.length,
    };
  } finally {
    model.dispose();
    backend.dispose();
  }
}

/** Milliseconds that `work` takes, and what it comes to. */
function timed<T>(work: () => T): [time: number, result: T] {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
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
