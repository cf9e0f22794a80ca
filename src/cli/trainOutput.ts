/** The output of `convlet train` while it runs: epochs on stdout, progress and messages on stderr. @module */
import type { SingleBar } from 'cli-progress';
import type { EpochEvent, StepEvent } from '../base/types.ts';
import { batchCount } from '../data/batches.ts';
import { classNamesOf, imageCount } from '../data/dataset.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import {
  type Figure,
  figuresOf,
  formatFigure,
  trainingRate,
  validationFigures,
} from '../node/figures.ts';
import { CHECKPOINT_FILE } from './checkpoints.ts';
import { describeClasses, describeFigures, isOfClasses } from './evaluation.ts';
import { loadBars } from './loadBars.ts';
import { formatOptimizer } from './optimizer.ts';
import type { Run, RunSetup } from './run.ts';
import { REPORT_FILE } from './saveFiles.ts';
import {
  counted,
  formatCount,
  formatLoss,
  formatRanks,
  formatSeconds,
  formatThreads,
  quoted,
} from './style.ts';
import {
  columnsOf,
  isTerminal,
  print,
  type Styler,
  show,
  styler,
  tell,
  unbroken,
} from './terminal.ts';

export interface TrainOutput {
  readonly onStepEnd: ((event: StepEvent) => void) | undefined;
  readonly onEpochEnd: (event: EpochEvent) => void;
  /** Prints lines for people. */
  message(...lines: readonly string[]): void;
  /** Removes the progress bar. */
  readonly close: () => void;
  /** @param files The names of the files that were written. */
  done(run: Run, weightsSha256: string, files: readonly string[]): void;
}

/** The output that the options ask for. */
export async function createTrainOutput(setup: RunSetup): Promise<TrainOutput> {
  const { options } = setup;
  const style = styler(process.stderr);
  const bar = await createProgress(setup);
  const message = (...lines: readonly string[]) => {
    bar?.stop();
    tell(...lines);
  };
  if (!options.quiet && !options.json) message(style('dim', headline(setup)));
  const lines = options.json ? jsonLines(setup) : textLines(setup);
  const write = options.json ? print : show;
  return {
    onStepEnd: bar && ((event) => bar.step(event)),
    onEpochEnd(event) {
      bar?.stop();
      if (!options.quiet || options.json) write(lines.epoch(event));
    },
    message,
    close: () => bar?.stop(),
    done: (run, hash, files) => write(...lines.done(run, hash, files)),
  };
}

interface Lines {
  epoch(event: EpochEvent): string;
  done(run: Run, weightsSha256: string, files: readonly string[]): readonly string[];
}

function jsonLines({ testSet, settings }: RunSetup): Lines {
  const { name } = testSet;
  const isValidated = settings.validationSplit === undefined; // on the test set
  return {
    epoch: (event) =>
      JSON.stringify({ event: 'epoch', ...event, ...(isValidated && { testSet: name }) }),
    done(run, weightsSha256) {
      const { epochs, bestEpoch, seconds, model, evaluation, out } = run;
      const figures = figuresOf(evaluation).map(({ key, value }) => [testName(key), value]);
      const done = {
        event: 'done',
        epochs: epochs.length,
        bestEpoch,
        seconds,
        imagesPerSecond: trainingRate(run.epochs) ?? null,
        parameters: model.parameterCount,
        testSet: name,
        ...Object.fromEntries(figures),
        weightsSha256,
        out,
      };
      return [JSON.stringify(done)];
    },
  };
}

/** `testMacroF1` of `macroF1`. */
function testName(key: string): string {
  return `test${key.charAt(0).toUpperCase()}${key.slice(1)}`;
}

function textLines(setup: RunSetup): Lines {
  const { options, testSet, settings } = setup;
  const style = styler(process.stdout);
  const test = testSet.name ?? options.data;
  const validated = settings.validationSplit === undefined ? test : 'validation';
  const width = String(options.epochs).length;
  const results = (figures: readonly Figure[]) =>
    figures
      .map((figure) => {
        const value = formatFigure(figure);
        return `${figure.name} ${figure.key === 'accuracy' ? style('bold', value) : value}`;
      })
      .join('  ');
  return {
    epoch(event) {
      const { epoch, seconds } = event;
      const number = `epoch ${String(epoch).padStart(width)}/${options.epochs}`;
      const time = style('dim', formatSeconds(seconds));
      return `${number}  training: ${results(figuresOf(event))}  ${validated}: ${results(validationFigures(event))}  ${time}`;
    },
    done(run, hash, files) {
      const { epochs, stopped, seconds, evaluation, out } = run;
      const [first, ...others] = figuresOf(evaluation).slice(1);
      const averaged = others
        .filter(({ key }) => key === 'shiftAveragedAccuracy')
        .map((figure) => `, ${figure.name} ${formatFigure(figure)},`);
      const result =
        epochs.length === 0 || first === undefined
          ? 'no epoch was finished'
          : `${first.name} ${style('bold', formatFigure(first))}${averaged.join('')} on ${test}`;
      const rate = trainingRate(epochs);
      const speed = rate === undefined ? '' : `, training at ${formatCount(rate)} images/s`;
      return [
        ...(options.quiet || epochs.length === 0 ? [] : describeResult(run, test, style)),
        `${counted(epochs.length, 'epoch')} in ${formatSeconds(seconds)}${speed}: ${result}`,
        ...describeBest(run),
        style('dim', unbroken(`weights sha256 ${hash}`)),
        ...(stopped && files.includes(CHECKPOINT_FILE)
          ? [
              `to go on: ${unbroken(`convlet train --resume ${quoted(`${out}/${CHECKPOINT_FILE}`)}`)}`,
            ]
          : []),
        ...(files.includes(REPORT_FILE)
          ? [`report: ${style('cyan', `${out}/${REPORT_FILE}`)}`]
          : []),
      ];
    },
  };
}

/** The figures of the test set, and of each of its classes. */
function describeResult(
  { evaluation, testSet, settings }: Run,
  test: string,
  style: Styler,
): readonly string[] {
  const figures = describeFigures(evaluation, test, style, settings.metrics);
  if (!isOfClasses(evaluation, testSet)) return ['', figures, ''];
  const names = classNamesOf(testSet);
  const width = columnsOf(process.stdout);
  return ['', figures, ...describeClasses(evaluation, names, style, width), ''];
}

/** The epoch that early stopping found best. */
function describeBest({ bestEpoch, epochs, options, settings, stopped }: Run): readonly string[] {
  const { monitor = '', restoreBest } = settings.earlyStopping ?? {};
  if (!bestEpoch) return [];
  const isEarly = !stopped && epochs.length < options.epochs;
  const kept = restoreBest && !stopped ? ', whose weights are kept' : '';
  return [`${isEarly ? 'stopped early, ' : ''}best ${monitor} after epoch ${bestEpoch}${kept}`];
}

function headline(setup: RunSetup): string {
  const { options, threads, wide, settings, model, trained, trainSet, testSet, checkpoint } = setup;
  const { model: name, seed, batchSize } = options;
  const several = threads > 1 ? `, ${formatThreads(options.threads, threads)} threads` : '';
  const { ranks } = settings;
  const shared = ranks.size > 1 ? `, ${formatRanks(ranks)}` : '';
  const together = `${several}${shared}${wide ? ', wide vectors' : ''}`;
  const held = imageCount(trainSet) - trained;
  const validated = held > 0 ? `, validated on ${formatCount(held)} others` : '';
  const images = `${formatCount(trained)} images (${trainSet.name})${validated}, tested on ${formatCount(imageCount(testSet))} (${testSet.name})`;
  return `${name} network, ${formatCount(model.parameterCount)} parameters; ${images}; batch ${batchSize}, seed ${seed}; ${formatOptimizer(settings.optimizer)}${together}${checkpoint ? resumed(checkpoint) : ''}`;
}

/** `; goes on after epoch 3, step 14 of the next`. */
function resumed({ history, begun }: Checkpoint): string {
  const step = begun.step === 0 ? '' : `, step ${begun.step} of the next`;
  return `; goes on after epoch ${history.length}${step}`;
}

interface Progress {
  step(event: StepEvent): void;
  stop(): void;
}

/** A bar for each epoch, if stderr is a terminal and `--quiet` is not given. */
async function createProgress({ options, trained }: RunSetup): Promise<Progress | undefined> {
  if (!isTerminal(process.stderr) || options.quiet) return undefined;
  const bars = await loadBars();
  if (bars === undefined) return undefined;
  const steps = batchCount(trained, options.batchSize);
  let bar: SingleBar | undefined;
  return {
    step({ epoch, step, loss }) {
      if (bar === undefined) {
        const format = `epoch ${epoch}/${options.epochs} {bar} {value}/{total} steps, loss {loss}`;
        bar = new bars.SingleBar(
          { format, clearOnComplete: true, hideCursor: true, fps: 20 },
          bars.Presets.shades_classic,
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
