/**
 * The two sides of the comparison in turns, so that both meet the same machine: a sample of one, then one of the other that
 * lasts as long. What a sample takes is its median, and a ratio of two that scatter is withheld, as by the bench.
 * @module
 */
import { doubtOf, median, type Ratio, spreadOf } from 'convlet/bench';
import type { ComparisonRequest, Sample } from './compare.ts';
import type { Question, Reply } from './worker.ts';

/** Samples of each side: more than the bench asks for at least. */
const SAMPLES = 9;
/** Milliseconds of a sample: below, a clock and the event loop count too much. */
const LEAST = 60;

/** What one of the two came to. */
export interface Run {
  /** Of every step. */
  readonly losses: readonly number[];
  /** A step, in ms, and its forward pass alone: medians. */
  readonly step: number;
  readonly forward: number;
  /** Median absolute deviation of the steps, as a share of the median. */
  readonly spread: number;
}

export interface Comparison {
  readonly plain: Run;
  readonly convlet: Run;
  /** How many times as fast Convlet is. */
  readonly ratio: Ratio;
  /** The largest difference between two losses of the same step. */
  readonly difference: number;
}

/** @throws {Error} what a side says, such as that its loops do not have a layer. */
export async function compareInTurns(request: ComparisonRequest): Promise<Comparison> {
  const [plain, convlet] = [new SideWorker(), new SideWorker()];
  try {
    const losses = {
      plain: await plain.begin('plain', request),
      convlet: await convlet.begin('convlet', request),
    };
    const samples: { plain: Sample[]; convlet: Sample[] } = { plain: [], convlet: [] };
    for (let turn = 0; turn < SAMPLES; turn++) {
      const sample = await plain.sample(LEAST);
      samples.plain.push(sample);
      samples.convlet.push(await convlet.sample(Math.max(LEAST, sample.step)));
    }
    return summary(runOf(losses.plain, samples.plain), runOf(losses.convlet, samples.convlet));
  } finally {
    plain.end();
    convlet.end();
  }
}

function runOf(losses: readonly number[], samples: readonly Sample[]): Run {
  const steps = samples.map(({ step }) => step);
  const forward = median(samples.map((sample) => sample.forward));
  return { losses, step: median(steps), forward, spread: spreadOf(steps) };
}

function summary(plain: Run, convlet: Run): Comparison {
  const differences = plain.losses.map((loss, i) =>
    Math.abs(loss - (convlet.losses[i] ?? Number.NaN)),
  );
  const doubt = ({ spread }: Run, name: string) => doubtOf({ spread, samples: SAMPLES }, name);
  return {
    plain,
    convlet,
    ratio: {
      value: plain.step / convlet.step,
      doubt: doubt(plain, 'JavaScript') ?? doubt(convlet, 'Convlet'),
    },
    difference: Math.max(...differences),
  };
}

/** A worker that answers one question after another. */
class SideWorker {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

  async begin(side: 'plain' | 'convlet', request: ComparisonRequest): Promise<readonly number[]> {
    const reply = await this.#ask({ type: 'begin', side, request });
    return 'losses' in reply ? reply.losses : [];
  }

  async sample(milliseconds: number): Promise<Sample> {
    const reply = await this.#ask({ type: 'sample', milliseconds });
    if ('sample' in reply) return reply.sample;
    throw new Error('internal: expected a sample.');
  }

  end(): void {
    this.#worker.terminate();
  }

  async #ask(question: Question): Promise<Reply> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message || 'the worker ended'));
      this.#worker.postMessage(question);
    });
    if ('error' in reply) throw new Error(reply.error);
    return reply;
  }
}
