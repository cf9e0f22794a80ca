/** The output of `convlet bench` while it runs: results on stdout, progress and messages on stderr. @module */
import { join } from 'node:path';
import { machineNoise, rateOf, ratioToPlain } from '../bench/figures.ts';
import type { BenchRun } from '../bench/result.ts';
import type { BenchEvent } from '../bench/run.ts';
import type { BenchPlan } from '../bench/select.ts';
import { showRun } from '../bench/show.ts';
import { loadBars } from './loadBars.ts';
import { counted, formatSeconds } from './style.ts';
import { columnsOf, isTerminal, print, show, styler, tell } from './terminal.ts';

export interface BenchOutput {
  readonly onEvent: (event: BenchEvent) => void;
  /** Prints a line for people. */
  message(text: string): void;
  /** Removes the progress bar. */
  readonly close: () => void;
  /** @param file The file to open: the report, or the results if there is no report; undefined if there are neither. */
  done(run: BenchRun, out: string, file: string | undefined): void;
}

interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The output that the options ask for. */
export async function createBenchOutput(
  plan: BenchPlan,
  { json = false, quiet = false }: OutputOptions,
): Promise<BenchOutput> {
  const style = styler(process.stderr);
  const progress = quiet ? undefined : await createProgress();
  const start = performance.now();
  const message = (text: string) => {
    progress?.stop();
    tell(text);
  };
  if (!quiet && !json) message(style('dim', headline(plan)));
  return {
    onEvent(event) {
      if (event.event === 'begin') progress?.show(event);
      else if (json) print(jsonLine(event));
    },
    message,
    close: () => progress?.stop(),
    done(run, out, file) {
      const seconds = (performance.now() - start) / 1000;
      if (json) print(doneLine(run, out, seconds));
      else show(...doneText(run, file && join(out, file), seconds));
    },
  };
}

function headline({ kernels, networks }: BenchPlan): string {
  const names = new Set(kernels.map(({ kernel }) => kernel)).size;
  const parts = [
    ...(names > 0
      ? [
          `${counted(names, 'kernel')} in ${counted(kernels.length, 'case')}, each checked, then timed`,
        ]
      : []),
    ...(networks.length > 0 ? [`training of ${networks.map(({ name }) => name).join(', ')}`] : []),
  ];
  return parts.join('; ');
}

/** The event as it is saved, its rate, and the ratio to plain JavaScript; null if the noise hides the ratio. */
function jsonLine(event: Exclude<BenchEvent, { event: 'begin' }>): string {
  if (event.event !== 'case') return JSON.stringify(event);
  const { value, doubt } = ratioToPlain(event);
  return JSON.stringify({ ...event, ...rateOf(event), ratio: doubt === undefined ? value : null });
}

function doneLine(run: BenchRun, out: string, seconds: number): string {
  const { cases, wrong, training, machine, timerResolution, peak, bandwidths, notes } = run;
  return JSON.stringify({
    event: 'done',
    cases: cases.length,
    wrong: wrong.length,
    training: training.length,
    seconds,
    machine,
    timerResolution,
    peak,
    bandwidths,
    notes,
    noise: machineNoise(run) ?? null,
    out,
  });
}

function doneText(run: BenchRun, path: string | undefined, seconds: number): readonly string[] {
  const { stdout } = process;
  const written = path === undefined ? '' : `; written: ${styler(stdout)('cyan', path)}`;
  return [...showRun(run, columnsOf(stdout)).split('\n'), '', formatSeconds(seconds) + written];
}

interface Progress {
  show(event: Extract<BenchEvent, { event: 'begin' }>): void;
  stop(): void;
}

/** How many lines of progress are printed without a terminal. */
const LINES = 12;

/** A progress bar on a terminal, otherwise a few lines. */
async function createProgress(): Promise<Progress> {
  if (!isTerminal(process.stderr)) return progressLines();
  const bars = await loadBars();
  if (bars === undefined) return progressLines();
  const options = {
    format: '{bar} {value}/{total} {name}',
    clearOnComplete: true,
    hideCursor: true,
    barsize: 24,
  };
  const bar = new bars.SingleBar(options, bars.Presets.shades_classic);
  return {
    show({ name, done, total }) {
      if (done === 0) bar.start(total, 0, { name });
      bar.update(done, { name });
      bar.render();
    },
    stop: () => bar.stop(),
  };
}

function progressLines(): Progress {
  let next = 0;
  return {
    show({ name, done, total }) {
      if (done < next) return;
      tell(`${done + 1}/${total} ${name}`);
      next = done + total / LINES;
    },
    stop: () => undefined,
  };
}
