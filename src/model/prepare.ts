/** From a checked task to what the epoch loop needs: the program made ready, a checkpoint taken over, checkpoints kept. @module */
import type { AbortSignal } from '../base/engine.ts';
import type { Dataset, ValueDataset } from '../base/types.ts';
import { DEFAULT_SHARDS } from '../compile/plan.ts';
import type { Program } from '../compile/program.ts';
import { mostShards, type Ranks } from '../compile/ranks.ts';
import { imagesOf } from '../compile/shards.ts';
import { canonicalJson } from '../compile/spec.ts';
import { imageCount, targetsOf } from '../data/dataset.ts';
import { type Origin, readOrigin } from '../data/origin.ts';
import type { BatchShare, BlockOptions, Blocks } from '../data/source.ts';
import type { LossSpec } from '../losses/registry.ts';
import { optimizerOf } from '../optimizers/registry.ts';
import { type Checkpoint, type DataIdentity, identify, NOTHING_BEGUN } from './checkpoint.ts';
import { EarlyStopper } from './earlyStopping.ts';
import { classesOf, Measurement, type MeasureOptions, measure } from './evaluation.ts';
import { checkSame, checkSameData, type FitOptions } from './fitOptions.ts';
import type { ModelMemory } from './modelMemory.ts';
import { checkData, checkValuesOf, type ImageSet, metricsUnder, type Task } from './task.ts';
import { type Progress, STOPPING, type Training } from './training.ts';
import { Warner } from './warnings.ts';
import { blockOf, readWeights, trainedOf } from './weights.ts';

/** What a model remembers of its training beside the weights. */
export interface Past {
  loss: LossSpec | undefined;
  origin: Origin;
  /** Epochs that it was trained for. */
  epochs: number;
}

/** @throws if a checkpoint is of another model or other data; nothing is taken over then. */
export function prepareTraining(
  memory: ModelMemory,
  seed: number,
  past: Past,
  task: Task,
  { distributed, signal, ...given }: FitOptions,
): Training {
  const { settings, whole, data, validation, names, metrics, rate } = task;
  const { optimizer, loss, averageWeights, earlyStopping, checkpointEvery, resume } = settings;
  const { ranks, shards } = settings;
  const { onCheckpoint, onWarning, onStepEnd, onEpochEnd } = ranks.rank === 0 ? given : {};
  const isDistributed = ranks.size > 1;
  const { network } = memory;
  const batch = Math.min(settings.batchSize, imageCount(data));
  const ofBlocks = blockOptions(loss, isDistributed ? undefined : signal); // ranks stop together, after a step
  const share = isDistributed ? shareOf(ranks, shards, batch) : undefined;
  const blocks = 'part' in data ? data.blocks(batch, ofBlocks, share) : undefined;
  const program = memory.program('fit', capacityOf(task, batch, blocks));
  const identity = resume || onCheckpoint ? identify(whole) : undefined;
  if (resume !== undefined) goOnFrom(memory, seed, resume, program, identity);
  const epochsBefore = resume?.epochsBefore ?? past.epochs;
  past.epochs = epochsBefore + (resume?.history.length ?? 0);
  past.loss = loss;
  past.origin = { ...past.origin, ...readOrigin('fit', whole as Origin) };
  if (!('part' in data)) program.loadDataset(data);
  program.prepareRanks(isDistributed ? distributed : undefined, blocks !== undefined);
  program.prepareLoss(loss);
  program.prepareImages(settings.augment);
  program.prepareUpdates(optimizer, averageWeights !== undefined);
  if (resume !== undefined) restoreBlocks(memory, resume, program);
  memory.usesAverage = averageWeights !== undefined;
  const followed = resume?.earlyStopping?.monitor === earlyStopping?.monitor ? resume : undefined;
  const best = followed?.best && blockOf('fit: resume: best', network, followed.best);
  const stopper =
    earlyStopping && new EarlyStopper(earlyStopping, followed?.controls?.[STOPPING], best);
  const history = resume?.history ?? [];
  const warner = onWarning && new Warner(onWarning, data, network.output, loss, history);
  if (!('part' in data)) warner?.lookAt(data.images);
  memory.enter();
  return {
    ...settings,
    program,
    count: imageCount(data),
    isDistributed,
    blocks,
    metrics,
    rate,
    stopper,
    warner,
    classes: classesOf(data, network),
    seed,
    start: resume ?? { history: [], begun: NOTHING_BEGUN },
    beginEpoch(epoch) {
      past.epochs = epochsBefore + epoch;
      return past.epochs;
    },
    signal,
    checkAlive: () => memory.checkLive('fit'),
    validate: validation && (() => validate(memory, validation, task, signal)),
    onStepEnd,
    onEpochEnd,
    keepEvery: checkpointEvery,
    keep:
      identity &&
      onCheckpoint &&
      ((progress) =>
        onCheckpoint({
          ...standing(memory, task, program, progress),
          seed,
          metrics: names,
          ...(stopper?.bestParameters && { best: readWeights(network, stopper.bestParameters) }),
          data: identity,
          epochsBefore,
          ...past.origin,
          ...progress,
        })),
  };
}

/** What the memory of the program must hold: all images, or a block of them. */
function capacityOf(
  { settings, data, validation, targets }: Task,
  batch: number,
  blocks: Blocks | undefined,
): Parameters<ModelMemory['program']>[1] {
  const { optimizer, shards, averageWeights, accumulate, ranks } = settings;
  return {
    batch,
    imageBytes: 'part' in data ? (blocks?.imageBytes ?? 0) : data.images.byteLength,
    targetBytes: 'part' in data ? (blocks?.targetBytes ?? 0) : targetBytesOf(data),
    hasValues: [targets, validation && targetsOf(validation)].includes('values'),
    stateBlocks: optimizerOf(optimizer).initialState(optimizer).length,
    shards,
    hasAverage: averageWeights !== undefined,
    hasGroups: accumulate > 1,
    ranks,
  };
}

/** Bytes of the targets in linear memory: labels that are no bytes are kept as i32. */
function targetBytesOf(dataset: Dataset | ValueDataset): number {
  if (targetsOf(dataset) === 'values') return (dataset as ValueDataset).targets.byteLength;
  const { labels } = dataset as Dataset;
  return labels.BYTES_PER_ELEMENT === 1 ? labels.length : labels.length * 4;
}

/** The part of a checkpoint that the settings and the memory say. */
function standing(
  memory: ModelMemory,
  { settings }: Task,
  program: Program,
  { begun }: Progress,
): Pick<Checkpoint, 'spec' | 'weights' | 'loss' | 'optimizer' | 'state' | 'batchSize' | 'shuffle'> {
  const { network } = memory;
  const { loss, optimizer, batchSize, shuffle, accumulate, shards } = settings;
  const { validationSplit, augment, averageWeights, earlyStopping } = settings;
  return {
    spec: network.spec,
    weights: readWeights(network, memory.parameters),
    loss,
    optimizer,
    state: program.optimizerState(),
    batchSize,
    shuffle,
    ...(validationSplit !== undefined && { validationSplit }),
    ...(augment && { augment }),
    ...(accumulate > 1 && { accumulate }),
    ...(shards !== DEFAULT_SHARDS && { shards }),
    ...(begun.step % accumulate > 0 && { group: program.group.slice() }),
    ...(averageWeights && {
      averageWeights,
      average: readWeights(trainedOf(network), program.average),
    }),
    ...(earlyStopping && { earlyStopping }),
  };
}

/** @returns undefined if the signal came before a stream was at its end. */
async function validate(
  memory: ModelMemory,
  images: ImageSet,
  { settings: { loss, ranks }, names }: Task,
  signal: AbortSignal | undefined,
): Promise<ReturnType<typeof measure> | undefined> {
  memory.checkLive('fit');
  const { network, usesAverage } = memory;
  checkData('fit: validationData', network, images, loss); // the caller's arrays: they may have changed since the last time
  const { batch: batchSize } = memory.capacity;
  const metrics = metricsUnder(loss, names, targetsOf(images));
  const options = { loss, metrics, batchSize, usesAverage };
  if (ranks.size > 1) return validateTogether(memory, images, options, signal);
  if (!('part' in images)) {
    return measure(memory.programToEvaluate('fit', images), images, options);
  }
  const measurement = new Measurement(classesOf(images, network), options);
  const isWhole = await images.each(batchSize, blockOptions(loss, signal), (block) => {
    memory.checkLive('fit');
    measurement.add(memory.programToEvaluate('fit', block), block);
  });
  return isWhole ? measurement.result() : undefined;
}

/** The same as one of several ranks, each of which computes a part of every chunk. */
async function validateTogether(
  memory: ModelMemory,
  images: ImageSet,
  options: MeasureOptions,
  signal: AbortSignal | undefined,
): Promise<ReturnType<typeof measure>> {
  const measurement = new Measurement(classesOf(images, memory.network), options);
  const add = (block: Dataset | ValueDataset) => {
    memory.checkLive('fit');
    return measurement.addTogether(memory.programToEvaluate('fit', block), block, signal);
  };
  if (!('part' in images)) await add(images);
  else await images.each(options.batchSize, blockOptions(options.loss, undefined), add);
  return measurement.result();
}

function blockOptions(loss: LossSpec, signal: AbortSignal | undefined): BlockOptions {
  return { signal, check: (where, block) => checkValuesOf(where, block, loss) };
}

/** Takes over weights and optimizer from a checkpoint. @throws if it is of another model or other data. */
function goOnFrom(
  memory: ModelMemory,
  seed: number,
  checkpoint: Checkpoint,
  program: Program,
  data: DataIdentity | undefined,
): void {
  const { optimizer, state } = checkpoint;
  checkSame('network', canonicalJson(checkpoint.spec), canonicalJson(memory.network.spec));
  checkSame('seed', checkpoint.seed, seed);
  checkSameData(checkpoint.data, data);
  memory.setParameters('fit: resume', checkpoint.weights);
  program.restoreOptimizer(optimizer, state);
}

/** Takes over the average and the gradient of a group from a checkpoint. */
function restoreBlocks(
  { network }: ModelMemory,
  { average, group }: Checkpoint,
  program: Program,
): void {
  if (average !== undefined) {
    program.average.set(blockOf('fit: resume: average', trainedOf(network), average));
  }
  if (group !== undefined) program.group.set(group);
}

/** The images of every batch that this rank computes: those of its shards, as compile/shards.ts cuts them. */
function shareOf(ranks: Ranks, shards: number, batch: number): BatchShare {
  const of = (count: number) => {
    const bounds = imagesOf({ capacity: { shards, ranks } }, count);
    return { start: bounds[ranks.rank] ?? 0, end: bounds[ranks.rank + 1] ?? 0 };
  };
  return { most: Math.min(batch, mostShards(shards, ranks) * Math.ceil(batch / shards)), of };
}

/** What all ranks must have alike, by what it is for people. */
export function factsOf(
  seed: number,
  { settings, whole, validation }: Task,
  { program, start }: Training,
): Readonly<Record<string, unknown>> {
  const { ranks, resume, ...options } = settings;
  return {
    'network and seed': [program.plan.network.spec, seed],
    options: [options, ranks.size, ranks.reduce],
    'training data': identify(whole),
    'validation data': validation && identify(validation),
    checkpoint: [start.history.length, start.begun.step, resume?.epochsBefore],
    'first weights': program.parameters,
  };
}
