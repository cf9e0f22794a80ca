/** Trains the reference network on every engine, in every way that it can: the weights, and the time of an epoch. */
import type { Engine, Job, MissingEngine, Outcome, Place, Setting } from './engine.ts';

/** One engine in one of its settings. */
export interface Row {
  readonly name: string;
  /** As the engine tells it; the name alone where it failed before it could. */
  readonly version: string;
  readonly place: Place;
  readonly threads: number;
  /** Undefined where it failed. */
  readonly weightsSha256: string | undefined;
  /** Of every epoch that counts. */
  readonly milliseconds: readonly number[];
  /** Why there is nothing to compare. */
  readonly failed: string | undefined;
}

export interface Plan {
  readonly epochs: number;
  /** Epochs at the start of each training that do not count: the engine still compiles. */
  readonly warmUp: number;
  /** Trainings of each row. Rows take turns, so that what slows the machine down slows all of them. */
  readonly rounds: number;
}

/** For the weights; the times come along. */
export const COMPARED: Plan = { epochs: 3, warmUp: 0, rounds: 1 };

/** For times that are to be compared too. */
export const TIMED: Plan = { epochs: 12, warmUp: 2, rounds: 5 };

/** What all engines train, but for threads and epochs. */
export const REFERENCE: Pick<Job, 'model' | 'optimizer'> = { model: 'reference', optimizer: 'sgd' };

interface EngineSetting extends Setting {
  readonly engine: Engine;
}

/** @param onTraining Called before each training: those done, all of them, and what comes. */
export async function measure(
  engines: readonly (Engine | MissingEngine)[],
  plan: Plan,
  onTraining: (done: number, total: number, what: string) => void = () => {},
): Promise<Row[]> {
  const settings = engines
    .filter((engine) => 'train' in engine)
    .flatMap((engine) => engine.settings.map((setting) => ({ engine, ...setting })));
  const runs = settings.map((setting) => ({ setting, outcomes: [] as Outcome[], error: '' }));
  const total = plan.rounds * runs.length;
  for (let done = 0; done < total; done++) {
    const run = runs[done % runs.length];
    if (run === undefined || run.error !== '') continue;
    const { engine, place, threads } = run.setting;
    onTraining(done, total, `${engine.name}, ${place}, threads: ${threads}`);
    try {
      const job = { ...REFERENCE, threads, epochs: plan.epochs };
      run.outcomes.push(await engine.train(place, job));
    } catch (error) {
      run.error = error instanceof Error ? error.message : String(error);
    }
  }
  return runs.map(({ setting, outcomes, error }) => rowOf(setting, outcomes, error, plan));
}

function rowOf(
  { engine: { name }, place, threads }: EngineSetting,
  outcomes: readonly Outcome[],
  error: string,
  plan: Plan,
): Row {
  const [first] = outcomes;
  const failed = error || faultOf(outcomes, threads, plan);
  return {
    name,
    version: first?.version ?? name,
    place,
    threads,
    weightsSha256: failed ? undefined : first?.weightsSha256,
    milliseconds: outcomes.flatMap(({ milliseconds }) => milliseconds.slice(plan.warmUp)),
    failed: failed || undefined,
  };
}

/** What makes outcomes worthless, or nothing. */
function faultOf(outcomes: readonly Outcome[], asked: number, { epochs }: Plan): string {
  const [first] = outcomes;
  for (const { threads, weightsSha256, milliseconds } of outcomes) {
    if (threads !== asked) return `trained on ${threads} threads`;
    if (milliseconds.length !== epochs) return `trained ${milliseconds.length} epochs`;
    if (!/^[0-9a-f]{64}$/.test(weightsSha256)) return `gave ${weightsSha256} as a hash`;
    if (weightsSha256 !== first?.weightsSha256) return 'gave other weights the second time';
  }
  return '';
}
