/**
 * A whole run: every case verified and timed, then training, with the machine's limits read all along. It prints
 * nothing; whoever wants to show progress listens.
 * @module
 */
import { type Case, caseName } from './case.ts';
import { trainingData } from './data.ts';
import { isDisturbed } from './figures.ts';
import { cases } from './kernels/index.ts';
import { describeMachine } from './machine.ts';
import { type Budget, measure, timerResolution } from './measure.ts';
import { createPeakMeter, type PeakMeter, reading } from './peak.ts';
import { readKernels } from './readKernels.ts';
import { type BenchRun, benchRun, type CaseResult, type WrongCase } from './result.ts';
import { firstImages, measureTraining, type TrainingCase, trainingCases } from './training.ts';
import { verify } from './verify.ts';
import { Workspace } from './workspace.ts';

export interface BenchOptions {
  /** Only the cases whose name it matches: `gemmNN 240×240×240`, `fit reference`. All unless given. */
  readonly only?: RegExp;
  /** Fewer and shorter samples: under a minute in all. */
  readonly quick?: boolean;
  readonly onProgress?: (done: number, total: number, name: string) => void;
}

/** How long the two sides of a case may take, and how many epochs are timed. */
interface Effort {
  readonly kernel: Budget;
  readonly plain: Budget;
  readonly epochs: number;
}

const FULL: Effort = {
  kernel: { warmup: 80, time: 300, samples: 15 },
  plain: { warmup: 50, time: 80, samples: 3 },
  epochs: 7,
};
const QUICK: Effort = {
  kernel: { warmup: 25, time: 50, samples: 7 },
  plain: { warmup: 10, time: 15, samples: 3 },
  epochs: 3,
};

/** Verifies and times what `only` matches. @throws {RangeError} where it matches nothing. */
export async function runBench(options: BenchOptions = {}): Promise<BenchRun> {
  const { only = /(?:)/, quick = false, onProgress } = options;
  const kernelCases = cases.filter((entry) => only.test(caseName(entry)));
  const networks = trainingCases.filter((entry) => only.test(trainingName(entry)));
  const total = kernelCases.length + networks.length;
  if (total === 0) {
    throw new RangeError(`bench: expected the name of a case, got ${only.source}, which none has.`);
  }
  const effort = quick ? QUICK : FULL;
  const meter = await createPeakMeter();
  let done = 0;
  const announce = (name: string) => onProgress?.(done++, total, name);
  const kernels = await runCases(kernelCases, effort, meter, announce);
  const training = await runTraining(networks, quick, effort.epochs, meter, announce);
  meter.readPeak();
  meter.readBandwidths();
  return benchRun({
    machine: await describeMachine(),
    timerResolution: timerResolution(),
    peak: meter.peak(),
    bandwidths: meter.bandwidths(),
    ...kernels,
    ...training,
  });
}

function trainingName({ name }: TrainingCase): string {
  return `fit ${name}`;
}

async function runCases(
  selected: readonly Case[],
  effort: Effort,
  meter: PeakMeter,
  announce: (name: string) => void,
): Promise<{ cases: CaseResult[]; wrong: WrongCase[] }> {
  const right: CaseResult[] = [];
  const wrong: WrongCase[] = [];
  const workspace = new Workspace(await WebAssembly.compile(await readKernels()));
  let kernel: string | undefined;
  for (const entry of selected) {
    announce(caseName(entry));
    if (kernel !== entry.kernel) meter.readBandwidths(); // some 20 ms: once a kernel, not once a shape
    kernel = entry.kernel;
    let result = await runBeside(entry, effort, workspace, meter);
    // a neighbour took the machine for a while: once more
    if ('timing' in result && isDisturbed(result.peakBeside, meter.peak())) {
      result = await runBeside(entry, effort, workspace, meter);
    }
    if ('reason' in result) wrong.push(result);
    else right.push(result);
  }
  return { cases: right, wrong };
}

/** A case between readings of the machine: multiply-adds and, where bytes are counted, reads of as many. */
async function runBeside(
  entry: Case,
  effort: Effort,
  workspace: Workspace,
  meter: PeakMeter,
): Promise<CaseResult | WrongCase> {
  const { work } = entry;
  const readBlock = () => ('bytes' in work ? meter.readBlock(work.bytes) : []);
  const [peakBefore, readsBefore] = [meter.readPeak(), readBlock()];
  const result = await runCase(entry, effort, workspace);
  if ('reason' in result) return result;
  const reads = [...readsBefore, ...readBlock()];
  const peakBeside = Math.min(peakBefore, meter.readPeak());
  return { ...result, peakBeside, ...(reads.length > 0 && { bandwidth: reading(reads) }) };
}

/** Both sides of a case, without the machine beside them. */
export type TimedCase = Omit<CaseResult, 'peakBeside' | 'bandwidth'>;

/** Verifies a case and, where it is right, times both sides. */
export async function runCase(
  entry: Case,
  effort: Pick<Effort, 'kernel' | 'plain'>,
  workspace: Workspace,
): Promise<TimedCase | WrongCase> {
  const { kernel, shape, work } = entry;
  workspace.reset();
  const prepared = entry.prepare(workspace);
  const reason = verify(entry, prepared);
  if (reason !== undefined) return { kernel, shape, reason };
  const [timing, plain] = await measure([
    { run: prepared.kernel.run, budget: effort.kernel },
    { run: prepared.plain.run, budget: effort.plain },
  ]);
  return { kernel, shape, work, timing, plain };
}

async function runTraining(
  networks: readonly TrainingCase[],
  quick: boolean,
  epochs: number,
  meter: PeakMeter,
  announce: (name: string) => void,
): Promise<Pick<BenchRun, 'training' | 'notes'>> {
  if (networks.length === 0) return { training: [], notes: [] };
  const dataset = await trainingData();
  const training = [];
  const notes = new Set([`training on ${dataset.name}`]);
  for (const network of networks) {
    announce(trainingName(network));
    const images = quick ? network.quickImages : network.images;
    const { results, notes: own } = await measureTraining(
      network,
      firstImages(dataset, images),
      epochs,
      meter,
    );
    training.push(...results);
    for (const note of own) notes.add(note);
  }
  return { training, notes: [...notes] };
}
