/** The output of `convlet train` while it runs: epochs on stdout, progress and messages on stderr. @module */
import type { SingleBar } from 'cli-progress';
import { importOptional } from '../base/optional.ts';
import type { Dataset, EpochEvent, StepEvent } from '../base/types.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { CHECKPOINT_FILE } from './checkpoints.ts';
import { formatOptimizer } from './optimizer.ts';
import type { Run, RunSetup, TrainOptions } from './run.ts';
import {
  counted,
  formatAccuracy,
  formatCount,
  formatLoss,
  formatSeconds,
  formatThreads,
  styler,
} from './style.ts';

export interface TrainOutput {
  readonly onStepEnd: ((event: StepEvent) => void) | undefined;
  readonly onEpochEnd: (event: EpochEvent) => void;
  /** Prints a line for people. */
  message(text: string): void;
  /** Removes the progress bar. */
  readonly close: () => void;
  done(run: Run, weightsSha256: string): void;
}

/** The output that the options ask for. */
export async function createTrainOutput(setup: RunSetup): Promise<TrainOutput> {
  const { options, trainSet, testSet } = setup;
  const style = styler(process.stderr);
  const bar = await createProgress(options, trainSet);
  const message = (text: string) => {
    bar?.stop();
    process.stderr.write(`${text}\n`);
  };
  if (!options.quiet && !options.json) message(style('dim', headline(setup)));
  const print = options.json ? jsonLines(testSet) : textLines(options, testSet);
  return {
    onStepEnd: bar && ((event) => bar.step(event)),
    onEpochEnd(event) {
      bar?.stop();
      if (!options.quiet || options.json) process.stdout.write(`${print.epoch(event)}\n`);
    },
    message,
    close: () => bar?.stop(),
    done: (run, hash) => void process.stdout.write(`${print.done(run, hash)}\n`),
  };
}

interface Lines {
  epoch(event: EpochEvent): string;
  done(run: Run, weightsSha256: string): string;
}

function jsonLines({ name }: Dataset): Lines {
  return {
    epoch: (event) => JSON.stringify({ event: 'epoch', ...event, testSet: name }),
    done({ epochs, seconds, model, trainSet, out }, weightsSha256) {
      return JSON.stringify({
        event: 'done',
        epochs: epochs.length,
        seconds,
        imagesPerSecond: trainingRate(epochs, trainSet),
        parameters: model.parameterCount,
        weightsSha256,
        out,
      });
    },
  };
}

function textLines(options: TrainOptions, testSet: Dataset): Lines {
  const style = styler(process.stdout);
  const test = testSet.name ?? options.data;
  const width = String(options.epochs).length;
  const results = (loss: number | undefined, accuracy: number | undefined) =>
    `loss ${formatLoss(loss ?? Number.NaN)}  accuracy ${style('bold', formatAccuracy(accuracy ?? Number.NaN))}`;
  return {
    epoch({ epoch, loss, accuracy, validationLoss, validationAccuracy, seconds, imagesPerSecond }) {
      const number = `epoch ${String(epoch).padStart(width)}/${options.epochs}`;
      const time = style(
        'dim',
        `${formatSeconds(seconds)}  ${formatCount(imagesPerSecond)} images/s`,
      );
      return `${number}  training: ${results(loss, accuracy)}  ${test}: ${results(validationLoss, validationAccuracy)}  ${time}`;
    },
    done({ epochs, seconds, trainSet, out }, hash) {
      const last = epochs.at(-1);
      const accuracy = formatAccuracy(last?.validationAccuracy ?? Number.NaN);
      const result =
        last === undefined
          ? 'no epoch was finished'
          : `accuracy ${style('bold', accuracy)} on ${test}`;
      const rate = formatCount(trainingRate(epochs, trainSet));
      return [
        `${counted(epochs.length, 'epoch')} in ${formatSeconds(seconds)} (${rate} images/s): ${result}`,
        style('dim', `weights sha256 ${hash}`),
        ...(epochs.length < options.epochs
          ? [`to go on: convlet train --resume ${out}/${CHECKPOINT_FILE}`]
          : []),
        `report: ${style('cyan', `${out}/report.html`)}`,
      ].join('\n');
    },
  };
}

function headline(setup: RunSetup): string {
  const { options, threads, optimizer, model, trainSet, testSet, checkpoint } = setup;
  const { model: name, seed, batchSize } = options;
  const together = threads > 1 ? `, ${formatThreads(options.threads, threads)} threads` : '';
  const images = `${formatCount(trainSet.labels.length)} images (${trainSet.name}), tested on ${formatCount(testSet.labels.length)} (${testSet.name})`;
  return `${name} network, ${formatCount(model.parameterCount)} parameters; ${images}; batch ${batchSize}, seed ${seed}; ${formatOptimizer(optimizer)}${together}${checkpoint ? resumed(checkpoint) : ''}`;
}

/** `; goes on after epoch 3, step 14 of the next`. */
function resumed({ history, begun }: Checkpoint): string {
  const step = begun.step === 0 ? '' : `, step ${begun.step} of the next`;
  return `; goes on after epoch ${history.length}${step}`;
}

/** Images per second of training alone; 0 if no epoch was finished. */
function trainingRate(epochs: readonly EpochEvent[], { labels }: Dataset): number {
  const seconds = epochs.reduce((total, epoch) => total + epoch.seconds, 0);
  return seconds === 0 ? 0 : (epochs.length * labels.length) / seconds;
}

interface Progress {
  step(event: StepEvent): void;
  stop(): void;
}

/** A bar for each epoch, if stderr is a terminal and `--quiet` is not given. */
async function createProgress(
  options: TrainOptions,
  { labels }: Dataset,
): Promise<Progress | undefined> {
  if (!process.stderr.isTTY || options.quiet) return undefined;
  const { default: cliProgress } = await importOptional(
    'cli-progress',
    'progress',
    () => import('cli-progress'),
  );
  const steps = Math.ceil(labels.length / options.batchSize);
  let bar: SingleBar | undefined;
  return {
    step({ epoch, step, loss }) {
      if (bar === undefined) {
        const format = `epoch ${epoch}/${options.epochs} {bar} {value}/{total} steps, loss {loss}`;
        bar = new cliProgress.SingleBar(
          { format, clearOnComplete: true, hideCursor: true, fps: 20 },
          cliProgress.Presets.shades_classic,
        );
        bar.start(steps, 0, { loss: '' });
      }
      bar.update(step, { loss: formatLoss(loss) });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}
