/**
 * What the machine at hand can do at best, by the program of bench/assembly/peak.ts: multiply-adds in registers, and
 * reading blocks of several sizes. Readings are taken all through a run, between the cases, and their median counts: a
 * processor's clock and its neighbours change by the minute.
 * @module
 */
import { shortestSample } from './clock.ts';
import { median, spreadOf } from './measure.ts';
import { readPeak } from './modules.ts';

/** The median of several readings. */
export interface Reading {
  /** GFLOP/s or GB/s. */
  readonly rate: number;
  /** Median absolute deviation of the readings, as a share of the median. */
  readonly spread: number;
  readonly readings: number;
}

/** How fast a block of so many bytes is read, over and over. */
export interface Bandwidth extends Reading {
  readonly bytes: number;
}

type PeakProgram = {
  multiplyAddOnce(rounds: number, operands: number): number;
  multiplyAddTwice(rounds: number, operands: number): number;
  read(block: number, bytes: number, rounds: number): number;
};

/** Most processors: in the first-level cache, in the second, in the third, in none. */
const SMALLEST = 16 * 2 ** 10;
const LARGEST = 128 * 2 ** 20;
const BLOCKS: readonly number[] = [SMALLEST, 256 * 2 ** 10, 8 * 2 ** 20, LARGEST];
const PAGE_BYTES = 65_536;
const BLOCK_AT = PAGE_BYTES;
const OPERANDS_AT = 64;
/** About a third of a millisecond at 60 GFLOP/s, at 100 GB/s; a coarse clock asks for more. */
const TILES = 300_000;
const FLOPS_PER_TILE = 64;
const READ_BYTES = 32 * 2 ** 20;
/** Of each kind at a time. */
const READINGS = 3;

/** Reads the machine's limits whenever it is asked to. */
export class PeakMeter {
  readonly #program: PeakProgram;
  readonly #shortest: number;
  /** The form of the program that this engine compiles better, and the tiles that take long enough to time. */
  readonly #multiplyAdd: (tiles: number) => number;
  readonly #tiles: number;
  readonly #multiplyAdds: number[] = [];
  readonly #reads: readonly number[][] = BLOCKS.map(() => []);

  /** Use `createPeakMeter`. */
  constructor(program: PeakProgram, resolution: number) {
    this.#program = program;
    this.#shortest = shortestSample(resolution);
    const forms = [
      (tiles: number) => program.multiplyAddOnce(tiles, OPERANDS_AT),
      (tiles: number) => program.multiplyAddTwice(tiles / 2, OPERANDS_AT),
    ] as const;
    // the first calls run what the engine compiled in haste
    for (const form of forms) for (let i = 0; i < 30; i++) form(TILES);
    this.#tiles = this.#enough(TILES, forms[0]);
    const [once, twice] = forms.map((form) =>
      median(Array.from({ length: 30 }, () => time(() => form(this.#tiles)))),
    );
    this.#multiplyAdd = forms[once <= twice ? 0 : 1];
  }

  /** A millisecond's worth of multiply-adds. @returns GFLOP/s of this moment. */
  readPeak(): number {
    const rates = Array.from(
      { length: READINGS },
      () => (this.#tiles * FLOPS_PER_TILE) / time(() => this.#multiplyAdd(this.#tiles)) / 1e9,
    );
    this.#multiplyAdds.push(...rates);
    return median(rates);
  }

  /** Every block a few times; the largest takes 6 ms at 20 GB/s. */
  readBandwidths(): void {
    for (const [index, bytes] of BLOCKS.entries())
      this.#reads[index].push(...this.readBlock(bytes));
  }

  /** GB/s of a block of about so many bytes, a few times. */
  readBlock(bytes: number): number[] {
    const block = Math.min(Math.max(SMALLEST, roundUp(bytes)), LARGEST);
    this.#program.read(BLOCK_AT, block, 1);
    const rounds = this.#enough(Math.max(1, Math.round(READ_BYTES / block)), (rounds) =>
      this.#program.read(BLOCK_AT, block, rounds),
    );
    return Array.from({ length: READINGS }, () => {
      const seconds = time(() => this.#program.read(BLOCK_AT, block, rounds));
      return (rounds * block) / seconds / 1e9;
    });
  }

  /** So many rounds, or as many more as the clock needs to tell their time. */
  #enough(rounds: number, run: (rounds: number) => unknown): number {
    let enough = rounds;
    while (1000 * time(() => run(enough)) < this.#shortest) enough *= 2;
    return enough;
  }

  /** GFLOP/s over all readings so far. */
  peak(): Reading {
    return reading(this.#multiplyAdds);
  }

  /** GB/s over all readings so far, smallest block first. */
  bandwidths(): Bandwidth[] {
    return BLOCKS.map((bytes, index) => ({ bytes, ...reading(this.#reads[index]) }));
  }
}

/** Loads the program, and warms it up: engines compile the best code late. @param resolution of the clock, in ms */
export async function createPeakMeter(resolution: number): Promise<PeakMeter> {
  const bytes = await readPeak();
  const memory = new WebAssembly.Memory({ initial: (BLOCK_AT + LARGEST) / PAGE_BYTES });
  // written once: pages that never were are all the same one, and would come from the cache
  new Float32Array(memory.buffer).fill(0.5);
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const program = instance.exports as PeakProgram;
  for (let i = 0; i < 100; i++) program.read(BLOCK_AT, SMALLEST, 100);
  return new PeakMeter(program, resolution);
}

/** A round of `read` takes 128 bytes at a time. */
function roundUp(bytes: number): number {
  return Math.ceil(bytes / 128) * 128;
}

/** The median of some rates, and how far they scatter. */
export function reading(rates: readonly number[]): Reading {
  return { rate: median(rates), spread: spreadOf(rates), readings: rates.length };
}

function time(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}
