/**
 * Training as a user gets it: epochs of `model.fit`. Between them run epochs with a clock between the parts, so that both
 * meet the same machine. Overhead is the time outside the parts: order, events, metrics, the event loop.
 * @module
 */

import type { AbortSignal } from '../base/engine.ts';
import type { Dataset, Shape } from '../base/types.ts';
import { namedModels } from '../compile/named.ts';
import type { ModelSpec } from '../compile/spec.ts';
import * as layers from '../layers/index.ts';
import type { Backend } from '../model/backend.ts';
import { createBackend } from '../model/createBackend.ts';
import { createModel } from '../model/model.ts';
import * as optimizers from '../optimizers/index.ts';
import { type Clock, processorShare } from './clock.ts';
import { median, spreadOf } from './measure.ts';
import { PartTimer } from './parts.ts';
import type { PeakMeter } from './peak.ts';
import type { Parts, TrainingResult } from './result.ts';

/** Times are given for an epoch of this many images. */
export const EPOCH_IMAGES = 10_000;
const BATCH = 128;
const OPTIMIZER = optimizers.sgd({ learningRate: 0.01 });

export interface TrainingCase {
  readonly name: string;
  spec(shape: Shape, classes: number): ModelSpec;
  /** Images in a timed epoch; the times are scaled. */
  readonly images: number;
  readonly quickImages: number;
}

export const trainingCases: readonly TrainingCase[] = [
  { name: 'reference', spec: networkOf('reference'), images: 10_000, quickImages: 5_120 },
  { name: 'lenet5', spec: networkOf('lenet5'), images: 10_000, quickImages: 640 },
  { name: 'conv32-conv64-dense128', spec: larger, images: 1_280, quickImages: 128 },
];

/** `fit reference`: the name that a filter matches. */
export function trainingName({ name }: TrainingCase): string {
  return `fit ${name}`;
}

export interface TrainingOptions {
  /** Number of epochs of each kind, after one that warms up. */
  readonly samples: number;
  /** Number of threads to time as well as one thread, if this machine can. */
  readonly threads: number;
  readonly wide: boolean;
  readonly meter: PeakMeter;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** The results of a network: one for each number of threads, and notes on what could not be measured. */
export interface TrainingResults {
  readonly results: readonly TrainingResult[];
  readonly notes: readonly string[];
}

/** Times one network. There are no results if it is stopped, as the spread of an epoch or two is not known. */
export async function measureTraining(
  { name, spec }: TrainingCase,
  dataset: Dataset,
  { samples, threads, wide, meter, clock, signal }: TrainingOptions,
): Promise<TrainingResults> {
  const { backends, notes } = await createBackends(threads === 1 ? [1] : [1, threads], wide);
  const fits = backends.map(
    (backend) => new FitTimer(backend, spec(dataset.shape, dataset.classes)),
  );
  const [first] = fits;
  const parts = new PartTimer(first.backend, first.model, dataset, BATCH);
  const partTimes: Parts[] = [];
  for (let sample = 0; sample <= samples && !signal?.aborted; sample++) {
    meter.readPeak();
    for (const fit of fits) await fit.run(dataset, clock, signal);
    partTimes.push(parts.run(OPTIMIZER));
  }
  const scale = EPOCH_IMAGES / dataset.labels.length;
  const timed = signal?.aborted ? [] : fits;
  const results = timed.map(
    ({ backend: { threads }, times: [, ...times], cores: [, ...cores] }) => ({
      network: name,
      threads,
      images: dataset.labels.length,
      milliseconds: median(times) * scale,
      spread: spreadOf(times),
      samples,
      ...(cores.length > 0 && { cores: median(cores) }),
      ...(threads === 1 && partsOf(partTimes.slice(1), scale)),
    }),
  );
  for (const { model, backend } of fits) {
    model.dispose();
    backend.dispose();
  }
  return { results, notes };
}

/** The first `count` images. */
export function firstImages(dataset: Dataset, count: number): Dataset {
  const pixels = dataset.images.length / dataset.labels.length;
  return {
    ...dataset,
    images: dataset.images.subarray(0, count * pixels),
    labels: dataset.labels.subarray(0, count),
  };
}

/** Times epochs of `fit`, one at a time. */
class FitTimer {
  readonly backend: Backend;
  readonly model: ReturnType<typeof createModel>;
  readonly times: number[] = [];
  /** Cores that the process had in each epoch, if its host tells. */
  readonly cores: number[] = [];

  constructor(backend: Backend, spec: ModelSpec) {
    this.backend = backend;
    this.model = createModel(backend, spec);
  }

  async run(dataset: Dataset, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
    const share = processorShare(clock);
    await this.model.fit(dataset, {
      batchSize: BATCH,
      optimizer: OPTIMIZER,
      onEpochEnd: ({ seconds }) => void this.times.push(seconds * 1000),
      ...(signal && { signal }),
    });
    const cores = share();
    if (cores !== undefined) this.cores.push(cores);
  }
}

async function createBackends(
  counts: readonly number[],
  wide: boolean,
): Promise<{ backends: Backend[]; notes: string[] }> {
  const backends: Backend[] = [];
  const notes: string[] = [];
  for (const threads of counts) {
    try {
      backends.push(await createBackend({ threads, wide }));
    } catch (error) {
      if (threads === 1 || !(error instanceof RangeError)) throw error;
      notes.push(`${threads} threads: ${error.message}`);
    }
  }
  return { backends, notes };
}

function partsOf(
  epochs: readonly Parts[],
  scale: number,
): Required<Pick<TrainingResult, 'parts' | 'partsSpread'>> {
  const of = (part: keyof Parts) => median(epochs.map((parts) => parts[part])) * scale;
  const sums = epochs.map(
    ({ gather, forward, loss, backward, update }) => gather + forward + loss + backward + update,
  );
  return {
    parts: {
      gather: of('gather'),
      forward: of('forward'),
      loss: of('loss'),
      backward: of('backward'),
      update: of('update'),
    },
    partsSpread: spreadOf(sums),
  };
}

function networkOf(name: string): TrainingCase['spec'] {
  const spec = namedModels[name];
  if (spec === undefined) throw new Error(`internal: expected a named model, got ${name}.`);
  return spec;
}

/** Two convolutions one after the other, and a dense layer that holds most of the 1.2 million parameters. */
function larger(inputShape: Shape, classes: number): ModelSpec {
  return {
    inputShape,
    layers: [
      layers.conv2d({ filters: 32, kernelSize: 3 }),
      layers.relu(),
      layers.conv2d({ filters: 64, kernelSize: 3 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128 }),
      layers.relu(),
      layers.dense({ units: classes }),
      layers.softmax(),
    ],
  };
}
