/** Runs a network in whole numbers, one image after another. @module */
import type {
  Add,
  Append,
  AveragePool,
  Convolve,
  Dense,
  DenseOutput,
  Floats,
  Frame,
  GlobalAverage,
  IntegerNetwork,
  Lookup,
  MaxPool,
  Operation,
  Pixels,
} from './operations.ts';
import { SUMMAND_SHIFT, scaled } from './rounding.ts';

/** A value of one image; the output is floats. */
export type Numbers = Int8Array | Float32Array;

/** The values of a network for one image after another; they are overwritten by the next. */
export class IntegerRun {
  readonly #network: IntegerNetwork;
  readonly #values: Numbers[];

  constructor(network: IntegerNetwork) {
    this.#network = network;
    const { lengths, output } = network;
    this.#values = lengths.map((length, value) =>
      value === output ? new Float32Array(length) : new Int8Array(length),
    );
    for (const operation of network.operations) {
      if (operation.type !== 'view') continue;
      this.#values[operation.y] = this.value(operation.x);
    }
  }

  value(value: number): Numbers {
    return this.#values[value] as Numbers; // a value of the network
  }

  /** The output for the bytes of one image, before a last softmax or sigmoid. */
  run(image: Uint8Array): Float32Array {
    for (const operation of this.#network.operations) this.#step(operation, image);
    return this.value(this.#network.output) as Float32Array;
  }

  #step(operation: Operation, image: Uint8Array): void {
    if (operation.type === 'view') return;
    const y = this.value(operation.y);
    if (operation.type === 'pixels') readPixels(operation, y, image);
    else if (operation.type === 'add') {
      const xs = operation.xs.map((x) => this.value(x));
      add(operation, y, xs);
    } else {
      const run = RUNS[operation.type] as Run<typeof operation>; // the one of its own type
      run(operation, y, this.value(operation.x));
    }
  }
}

type Run<Kind> = (operation: Kind, y: Numbers, x: Numbers) => void;

/** Operations of one input. */
type Unary = Exclude<Operation, { readonly type: 'add' | 'pixels' | 'view' }>;

const RUNS: { readonly [Kind in Unary as Kind['type']]: Run<Kind> } = {
  append,
  averagePool,
  convolve,
  dense,
  denseOutput,
  floats,
  frame,
  globalAverage,
  lookup,
  maxPool,
};

function readPixels({ shape: [channels = 1], table }: Pixels, y: Numbers, image: Uint8Array): void {
  const plane = y.length / channels;
  for (let i = 0; i < y.length; i++) {
    const byte = image[i] ?? 0;
    y[i] = table === undefined ? byte - 128 : (table[256 * Math.floor(i / plane) + byte] ?? 0);
  }
}

/** The inner loop goes along a row of outputs, for one weight at a time. */
function convolve(operation: Convolve, y: Numbers, x: Numbers): void {
  const { sizes, bias, multipliers, shifts, xZero, yZero } = operation;
  const [, , , outC = 1, outH = 1, outW = 1] = sizes;
  const inputs = new Int32Array(x.length);
  for (let i = 0; i < x.length; i++) inputs[i] = (x[i] as number) - xZero;
  const pixels = outH * outW;
  const sums = new Int32Array(pixels);
  for (let o = 0; o < outC; o++) {
    sums.fill(bias[o] as number);
    addProducts(operation, sums, inputs, o);
    const multiplier = multipliers[o] as number;
    const shift = shifts[o] as number;
    for (let at = 0; at < pixels; at++) {
      y[o * pixels + at] = scaled((sums[at] as number) * multiplier, shift, yZero);
    }
  }
}

/** Adds the products of one output channel. */
function addProducts(
  { sizes, weight }: Convolve,
  sums: Int32Array,
  inputs: Int32Array,
  o: number,
): void {
  const [inC = 1, inH = 1, inW = 1, outC = 1, outH = 1, outW = 1, kH = 1, kW = 1] = sizes;
  const [strideH = 1, strideW = 1, padH = 0, padW = 0, dilationH = 1, dilationW = 1, groups = 1] =
    sizes.slice(8);
  const groupC = inC / groups;
  const first = Math.floor(o / (outC / groups)) * groupC;
  let tap = o * groupC * kH * kW;
  for (let c = first; c < first + groupC; c++) {
    for (let p = 0; p < kH; p++) {
      for (let q = 0; q < kW; q++) {
        const w = weight[tap++] as number;
        const left = q * dilationW - padW;
        const from = Math.max(0, Math.ceil(-left / strideW));
        const to = Math.min(outW, Math.ceil((inW - left) / strideW));
        for (let i = 0; i < outH; i++) {
          const row = i * strideH + p * dilationH - padH;
          if (row < 0 || row >= inH) continue;
          const start = (c * inH + row) * inW + left;
          for (let j = from; j < to; j++) {
            const at = i * outW + j;
            sums[at] = (sums[at] as number) + w * (inputs[start + j * strideW] as number);
          }
        }
      }
    }
  }
}

function sumOf(
  { weight, bias, inputs, xZero }: Dense | DenseOutput,
  x: Numbers,
  unit: number,
): number {
  let sum = bias[unit] ?? 0;
  for (let i = 0; i < inputs; i++) {
    sum += (weight[unit * inputs + i] as number) * ((x[i] as number) - xZero);
  }
  return sum;
}

function dense(operation: Dense, y: Numbers, x: Numbers): void {
  const { units, multipliers, shifts, yZero } = operation;
  for (let u = 0; u < units; u++) {
    y[u] = scaled(sumOf(operation, x, u) * (multipliers[u] ?? 0), shifts[u] ?? 1, yZero);
  }
}

/** The sum is rounded to single precision, then its product with the scale. */
function denseOutput(operation: DenseOutput, y: Numbers, x: Numbers): void {
  for (let u = 0; u < operation.units; u++) {
    y[u] = Math.fround(sumOf(operation, x, u)) * (operation.scales[u] ?? 0);
  }
}

function floats({ scale, zero }: Floats, y: Numbers, x: Numbers): void {
  for (const [i, q] of x.entries()) y[i] = (q - zero) * scale;
}

/** Calls `visit` with the window of each output in order: its plane, and the first row and column, which may be outside. */
function eachWindow(
  sizes: readonly number[],
  visit: (output: number, plane: number, top: number, left: number) => void,
): void {
  const [channels = 1, inH = 1, inW = 1, outH = 1, outW = 1] = sizes;
  const [strideH = 1, strideW = 1, padH = 0, padW = 0] = sizes.slice(7);
  let output = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < outH; i++) {
      for (let j = 0; j < outW; j++) {
        visit(output++, c * inH * inW, i * strideH - padH, j * strideW - padW);
      }
    }
  }
}

function maxPool({ sizes }: MaxPool, y: Numbers, x: Numbers): void {
  const [, inH = 1, inW = 1, , , kH = 1, kW = 1] = sizes;
  eachWindow(sizes, (output, plane, top, left) => {
    let most = -128;
    for (let row = Math.max(top, 0); row < Math.min(top + kH, inH); row++) {
      for (let column = Math.max(left, 0); column < Math.min(left + kW, inW); column++) {
        most = Math.max(most, x[plane + row * inW + column] as number);
      }
    }
    y[output] = most;
  });
}

function averagePool(operation: AveragePool, y: Numbers, x: Numbers): void {
  const { sizes, multipliers, shifts, xZero, yZero } = operation;
  const [, inH = 1, inW = 1, , , kH = 1, kW = 1] = sizes;
  const [padBottom = 0, padRight = 0, countsPadding = 0] = sizes.slice(11);
  eachWindow(sizes, (output, plane, top, left) => {
    let sum = 0;
    let count = 0;
    for (let row = top; row < top + kH; row++) {
      for (let column = left; column < left + kW; column++) {
        if (row >= 0 && row < inH && column >= 0 && column < inW) {
          sum += (x[plane + row * inW + column] as number) - xZero;
          count++;
        } else if (countsPadding && row < inH + padBottom && column < inW + padRight) count++;
      }
    }
    y[output] = scaled(sum * (multipliers[count - 1] ?? 0), shifts[count - 1] ?? 1, yZero);
  });
}

function globalAverage(operation: GlobalAverage, y: Numbers, x: Numbers): void {
  const { channels, pixels, multiplier, shift, xZero, yZero } = operation;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = 0; i < pixels; i++) sum += (x[c * pixels + i] as number) - xZero;
    y[c] = scaled(sum * multiplier, shift, yZero);
  }
}

function add({ zeros, multipliers, yZero }: Add, y: Numbers, xs: readonly Numbers[]): void {
  for (let i = 0; i < y.length; i++) {
    let sum = 0;
    for (const [k, x] of xs.entries()) {
      sum += ((x[i] as number) - (zeros[k] ?? 0)) * (multipliers[k] ?? 0);
    }
    y[i] = scaled(sum, SUMMAND_SHIFT, yZero);
  }
}

function append(operation: Append, y: Numbers, x: Numbers): void {
  const { start, multiplier, xZero, yZero } = operation;
  for (const [i, q] of x.entries()) {
    y[start + i] = scaled((q - xZero) * multiplier, SUMMAND_SHIFT, yZero);
  }
}

function lookup({ table }: Lookup, y: Numbers, x: Numbers): void {
  for (const [i, q] of x.entries()) y[i] = table[q + 128] ?? 0;
}

function frame(operation: Frame, y: Numbers, x: Numbers): void {
  const { input, outH, outW, down, right, zero } = operation;
  const [, inH = 1, inW = 1] = input;
  for (let at = 0; at < y.length; at++) {
    const c = Math.floor(at / (outH * outW));
    const i = (Math.floor(at / outW) % outH) - down;
    const j = (at % outW) - right;
    const isInside = i >= 0 && i < inH && j >= 0 && j < inW;
    y[at] = isInside ? (x[(c * inH + i) * inW + j] as number) : zero;
  }
}
