/**
 * A whole run: every case is verified and timed, then training is timed, and the machine's limits are read throughout. It
 * prints nothing; `onEvent` tells the progress.
 * @module
 */

import { yieldTurn } from '#host';
import type { AbortSignal, WasmModule } from '../base/engine.ts';
import type { Dataset } from '../base/types.ts';
import { type Case, caseName } from './case.ts';
import { type Clock, processorShare, timerResolution } from './clock.ts';
import { noise } from './data.ts';
import { isDisturbed } from './figures.ts';
import { describeMachine, type Host } from './machine.ts';
import { measure } from './measure.ts';
import { compileKernels } from './modules.ts';
import { createPeakMeter, type PeakMeter, reading } from './peak.ts';
import {
  type BenchRun,
  benchRun,
  type CaseResult,
  type TrainingResult,
  type WrongCase,
} from './result.ts';
import type { BenchPlan, Effort } from './select.ts';
import { firstImages, measureTraining, type TrainingCase, trainingName } from './training.ts';
import { verify } from './verify.ts';
import { Workspace } from './workspace.ts';

/** All bandwidths are read once per this many cases, which takes some 20 ms. */
const BANDWIDTH_EVERY = 5;

/** What is measured, where, and who hears of it. */
export interface BenchOptions {
  readonly host: Host;
  /** Training is timed on one thread and on this many. @default 1 */
  readonly threads?: number;
  /** Kernels and training use wide vectors (`BackendOptions.wide`). @default false */
  readonly wide?: boolean;
  /** Training uses up to 10,000 of its images. @default random images */
  readonly dataset?: Dataset;
  /** Returns the processor time of this process in milliseconds, if its host tells. */
  readonly processorTime?: () => number;
  readonly onEvent?: (event: BenchEvent) => void;
  /** Ends the run after the current case. The measurements so far are kept. */
  readonly signal?: AbortSignal;
}

/** The progress of a run. */
export type BenchEvent =
  | {
      readonly event: 'begin';
      readonly name: string;
      readonly done: number;
      readonly total: number;
    }
  | ({ readonly event: 'case' } & CaseResult)
  | ({ readonly event: 'wrong' } & WrongCase)
  | ({ readonly event: 'training' } & TrainingResult);

/** Verifies and times the cases of a plan. */
export async function runBench(plan: BenchPlan, options: BenchOptions): Promise<BenchRun> {
  const machine = await describeMachine(options.host);
  const clock = { resolution: timerResolution(), processorTime: options.processorTime };
  const { module, isWide } = await compileKernels(options.wide === true);
  const meter = await createPeakMeter(clock.resolution, isWide);
  const runner = new Runner(plan, options, module, meter, clock);
  const kernels = await runner.runCases();
  const training = await runner.runTraining();
  meter.readPeak();
  meter.readBandwidths();
  return benchRun({
    machine,
    timerResolution: clock.resolution,
    wide: isWide,
    peak: meter.peak(),
    bandwidths: meter.bandwidths(),
    ...kernels,
    ...training,
    notes: [...(isWide ? ['wide vectors'] : []), ...training.notes],
  });
}

class Runner {
  readonly #plan: BenchPlan;
  readonly #options: BenchOptions;
  readonly #module: WasmModule;
  readonly #meter: PeakMeter;
  readonly #clock: Clock;
  #done = 0;

  constructor(
    plan: BenchPlan,
    options: BenchOptions,
    module: WasmModule,
    meter: PeakMeter,
    clock: Clock,
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#module = module;
    this.#meter = meter;
    this.#clock = clock;
  }

  /** Tells the next case to the listener. @returns false if the run was stopped. */
  async #begin(name: string): Promise<boolean> {
    await yieldTurn(); // signals and painting have their turn
    if (this.#options.signal?.aborted) return false;
    const total = this.#plan.kernels.length + this.#plan.networks.length;
    this.#options.onEvent?.({ event: 'begin', name, done: this.#done++, total });
    return true;
  }

  async runCases(): Promise<Pick<BenchRun, 'cases' | 'wrong'>> {
    const right: CaseResult[] = [];
    const wrong: WrongCase[] = [];
    const workspace = new Workspace(this.#module);
    for (const [index, entry] of this.#plan.kernels.entries()) {
      if (!(await this.#begin(caseName(entry)))) break;
      if (index % BANDWIDTH_EVERY === 0) this.#meter.readBandwidths();
      let result = await this.#runBeside(entry, workspace);
      // a neighbour took the machine for a while: time the case once more
      if ('timing' in result && isDisturbed(result, this.#meter.peak())) {
        result = await this.#runBeside(entry, workspace);
      }
      if ('reason' in result) {
        wrong.push(result);
        this.#options.onEvent?.({ event: 'wrong', ...result });
      } else {
        right.push(result);
        this.#options.onEvent?.({ event: 'case', ...result });
      }
    }
    return { cases: right, wrong };
  }

  /** Runs a case between readings of multiply-adds and, if memory is the limit, of reads of as many bytes. */
  async #runBeside(entry: Case, workspace: Workspace): Promise<CaseResult | WrongCase> {
    const { limit, bytes } = entry.work;
    const meter = this.#meter;
    const readBlock = () => (limit === 'memory' ? meter.readBlock(bytes) : []);
    const [peakBefore, readsBefore] = [meter.readPeak(), readBlock()];
    const result = await runCase(entry, this.#plan.effort, workspace, this.#clock);
    if ('reason' in result) return result;
    const reads = [...readsBefore, ...readBlock()];
    const peakBeside = Math.min(peakBefore, meter.readPeak());
    return { ...result, peakBeside, ...(reads.length > 0 && { bandwidth: reading(reads) }) };
  }

  async runTraining(): Promise<Pick<BenchRun, 'training' | 'notes'>> {
    const { networks } = this.#plan;
    if (networks.length === 0) return { training: [], notes: [] };
    const dataset = this.#options.dataset ?? noise();
    const training: TrainingResult[] = [];
    const notes = new Set([`training on ${dataset.name}`]);
    for (const network of networks) {
      if (!(await this.#begin(trainingName(network)))) break;
      const { results, notes: own } = await this.#runNetwork(network, dataset);
      training.push(...results);
      for (const note of own) notes.add(note);
      for (const result of results) this.#options.onEvent?.({ event: 'training', ...result });
    }
    return { training, notes: [...notes] };
  }

  #runNetwork(network: TrainingCase, dataset: Dataset) {
    const { effort, wholeEpochs } = this.#plan;
    const images = wholeEpochs ? network.images : network.quickImages;
    return measureTraining(network, firstImages(dataset, images), {
      samples: effort.epochs,
      threads: this.#options.threads ?? 1,
      wide: this.#options.wide === true,
      meter: this.#meter,
      clock: this.#clock,
      signal: this.#options.signal,
    });
  }
}

/** The times of both sides of a case, without the readings of the machine. */
export type TimedCase = Omit<CaseResult, 'peakBeside' | 'bandwidth'>;

/** Verifies a case and, if it is right, times both sides. */
export async function runCase(
  entry: Case,
  effort: Pick<Effort, 'kernel' | 'plain'>,
  workspace: Workspace,
  clock: Clock,
): Promise<TimedCase | WrongCase> {
  const { kernel, shape, work } = entry;
  workspace.reset();
  const prepared = entry.prepare(workspace);
  const reason = verify(entry, prepared);
  if (reason !== undefined) return { kernel, shape, reason };
  const sides = [
    { run: prepared.kernel.run, budget: effort.kernel },
    { run: prepared.plain.run, budget: effort.plain },
  ];
  const processor = processorShare(clock);
  const [timing, plain] = await measure(sides, clock.resolution);
  const share = processor();
  return { kernel, shape, work, timing, plain, ...(share !== undefined && { processor: share }) };
}
