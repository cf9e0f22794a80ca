/**
 * The best that the machine can do, measured by the program of bench/assembly/peak.ts: multiply-adds in registers, and
 * reading blocks of several sizes. Readings are taken all through a run, between the cases, and their median counts, as
 * a processor's clock and its neighbours change by the minute.
 * @module
 */
import { shortestSample } from './clock.ts';
import { median, spreadOf } from './measure.ts';
import { compilePeak } from './modules.ts';

/** The median of several readings. */
export interface Reading {
  /** GFLOP/s or GB/s. */
  readonly rate: number;
  /** Median absolute deviation of the readings, as a share of the median. */
  readonly spread: number;
  readonly readings: number;
}

/** How fast a block of `bytes` is read over and over. */
export interface Bandwidth extends Reading {
  readonly bytes: number;
}

type PeakProgram = {
  multiplyAddOnce(sums: number, rounds: number, operands: number): void;
  multiplyAddTwice(sums: number, rounds: number, operands: number): void;
  multiplyAddTwo(sums: number, rounds: number, operands: number): void;
  read(sums: number, block: number, bytes: number, rounds: number): void;
};

/** Sizes of blocks. On most processors they fit in the first-level cache, the second, the third, and in none. */
const SMALLEST = 16 * 2 ** 10;
const LARGEST = 128 * 2 ** 20;
const BLOCKS: readonly number[] = [SMALLEST, 256 * 2 ** 10, 8 * 2 ** 20, LARGEST];
const PAGE_BYTES = 65_536;
const BLOCK_AT = PAGE_BYTES;
const SUMS_AT = 1024;
const OPERANDS_AT = 64;
/** Work of about a third of a millisecond at 60 GFLOP/s and at 100 GB/s. A coarse clock needs more. */
const TILES = 300_000;
const FLOPS_PER_TILE = 64;
const READ_BYTES = 32 * 2 ** 20;
/** Readings of one kind taken at a time. */
const READINGS = 3;

/** Reads the machine's limits on demand. */
export class PeakMeter {
  readonly #program: PeakProgram;
  readonly #shortest: number;
  /** The form of the program that this engine compiles better, and how many tiles take long enough to time. */
  readonly #multiplyAdd: (tiles: number) => void;
  readonly #tiles: number;
  readonly #multiplyAdds: number[] = [];
  readonly #reads: readonly number[][] = BLOCKS.map(() => []);

  /** Use `createPeakMeter`. */
  constructor(program: PeakProgram, resolution: number) {
    this.#program = program;
    this.#shortest = shortestSample(resolution);
    const forms = [
      (tiles: number) => program.multiplyAddOnce(SUMS_AT, tiles, OPERANDS_AT),
      (tiles: number) => program.multiplyAddTwice(SUMS_AT, tiles / 2, OPERANDS_AT),
      (tiles: number) => program.multiplyAddTwo(SUMS_AT, tiles / 2, OPERANDS_AT),
    ];
    // the first calls run code that the engine compiled quickly
    for (const form of forms) for (let i = 0; i < 30; i++) form(TILES);
    this.#tiles = this.#enough(TILES, forms[0]);
    const times = forms.map((form) =>
      median(Array.from({ length: 30 }, () => time(() => form(this.#tiles)))),
    );
    this.#multiplyAdd = forms[times.indexOf(Math.min(...times))];
  }

  /** Runs multiply-adds for a millisecond. @returns GFLOP/s at this moment. */
  readPeak(): number {
    const rates = Array.from(
      { length: READINGS },
      () => (this.#tiles * FLOPS_PER_TILE) / time(() => this.#multiplyAdd(this.#tiles)) / 1e9,
    );
    this.#multiplyAdds.push(...rates);
    return median(rates);
  }

  /** Reads every block a few times. The largest takes 6 ms at 20 GB/s. */
  readBandwidths(): void {
    for (const [index, bytes] of BLOCKS.entries())
      this.#reads[index].push(...this.readBlock(bytes));
  }

  /** Reads a block of about `bytes` a few times. @returns GB/s of each time. */
  readBlock(bytes: number): number[] {
    const block = Math.min(Math.max(SMALLEST, roundUp(bytes)), LARGEST);
    this.#program.read(SUMS_AT, BLOCK_AT, block, 1);
    const rounds = this.#enough(Math.max(1, Math.round(READ_BYTES / block)), (rounds) =>
      this.#program.read(SUMS_AT, BLOCK_AT, block, rounds),
    );
    return Array.from({ length: READINGS }, () => {
      const seconds = time(() => this.#program.read(SUMS_AT, BLOCK_AT, block, rounds));
      return (rounds * block) / seconds / 1e9;
    });
  }

  /** `rounds`, or more if the clock needs more to measure their time. */
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

/**
 * Loads the program, and warms it up, as engines compile the best code late.
 * @param resolution Step of the clock in milliseconds.
 * @param isWide The limits are those of vectors of 256 bits.
 */
export async function createPeakMeter(resolution: number, isWide: boolean): Promise<PeakMeter> {
  const module = await compilePeak(isWide);
  const memory = new WebAssembly.Memory({ initial: (BLOCK_AT + LARGEST) / PAGE_BYTES });
  // written once: pages that were never written are all the same page, and would be read from the cache
  new Float32Array(memory.buffer).fill(0.5);
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const program = instance.exports as PeakProgram;
  for (let i = 0; i < 100; i++) program.read(SUMS_AT, BLOCK_AT, SMALLEST, 100);
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
