/**
 * The same network in plain JavaScript: the textbook's loops over typed arrays, no WebAssembly, no tricks. It is what
 * Convlet is compared with on the page, and its losses are what Convlet's are checked against there.
 *
 * Each layer keeps what its backward pass needs; x and dy belong to whoever calls.
 * @module
 */
import type { LayerSpec, Shape } from 'convlet';

export interface PlainLayer {
  /** Of one image. */
  readonly output: Shape;
  /** Weight and bias, where the layer has them, and their gradients. */
  readonly parameters: readonly { readonly value: Float32Array; readonly gradient: Float32Array }[];
  forward(x: Float32Array, batch: number): Float32Array;
  /** `needsDx` is false for the first layer: nobody asks for the gradient of the images. */
  backward(dy: Float32Array, batch: number, needsDx: boolean): Float32Array;
}

const NOTHING = new Float32Array();

type Of<Type extends LayerSpec['type']> = Extract<LayerSpec, { type: Type }>;

/** Stride 1, as many zeros on every side as `padding` says. w[filters, C, K, K]. */
export function conv2d(
  {
    filters,
    kernelSize: K,
    padding = 0,
  }: { filters: number; kernelSize: number; padding?: number },
  [inC = 1, inH = 1, inW = 1]: Shape,
  weight: Float32Array,
  bias: Float32Array,
): PlainLayer {
  const outH = inH + 2 * padding - K + 1;
  const outW = inW + 2 * padding - K + 1;
  const dw = new Float32Array(weight.length);
  const db = new Float32Array(bias.length);
  let input: Float32Array = new Float32Array();

  /** Adds the products of one tap of a kernel, row by row: y += x·w. */
  const forwardTap = (
    y: Float32Array,
    yStart: number,
    xStart: number,
    p: number,
    q: number,
    w: number,
  ) => {
    const [firstRow, endRow] = reach(p - padding, outH, inH);
    const [first, end] = reach(q - padding, outW, inW);
    for (let i = firstRow; i < endRow; i++) {
      const yRow = yStart + i * outW;
      const xRow = xStart + (i + p - padding) * inW + q - padding;
      for (let j = first; j < end; j++) {
        y[yRow + j] = (y[yRow + j] as number) + (input[xRow + j] as number) * w;
      }
    }
  };

  /** The same tap backward: dx += dy·w where anybody asks for dx. @returns Σ dy·x. */
  const backwardTap = (
    dy: Float32Array,
    dx: Float32Array | undefined,
    yStart: number,
    xStart: number,
    p: number,
    q: number,
    w: number,
  ): number => {
    const [firstRow, endRow] = reach(p - padding, outH, inH);
    const [first, end] = reach(q - padding, outW, inW);
    let sum = 0;
    for (let i = firstRow; i < endRow; i++) {
      const yRow = yStart + i * outW;
      const xRow = xStart + (i + p - padding) * inW + q - padding;
      for (let j = first; j < end; j++) {
        sum += (dy[yRow + j] as number) * (input[xRow + j] as number);
      }
      if (dx === undefined) continue;
      for (let j = first; j < end; j++) {
        dx[xRow + j] = (dx[xRow + j] as number) + (dy[yRow + j] as number) * w;
      }
    }
    return sum;
  };

  /** Calls `visit` for every tap of every kernel on every image. */
  const eachTap = (
    batch: number,
    visit: (yStart: number, xStart: number, p: number, q: number, w: number) => void,
  ) => {
    for (let n = 0; n < batch; n++) {
      for (let o = 0; o < filters; o++) {
        for (let c = 0; c < inC; c++) {
          for (let tap = 0; tap < K * K; tap++) {
            const yStart = (n * filters + o) * outH * outW;
            const xStart = (n * inC + c) * inH * inW;
            visit(yStart, xStart, Math.floor(tap / K), tap % K, (o * inC + c) * K * K + tap);
          }
        }
      }
    }
  };

  return {
    output: [filters, outH, outW],
    parameters: [
      { value: weight, gradient: dw },
      { value: bias, gradient: db },
    ],
    forward(x, batch) {
      input = x;
      const plane = outH * outW;
      const y = new Float32Array(batch * filters * plane);
      for (let k = 0; k < batch * filters; k++) {
        y.fill(bias[k % filters] as number, k * plane, (k + 1) * plane);
      }
      eachTap(batch, (yStart, xStart, p, q, w) => {
        forwardTap(y, yStart, xStart, p, q, weight[w] as number);
      });
      return y;
    },
    backward(dy, batch, needsDx) {
      const dx = needsDx ? new Float32Array(input.length) : undefined;
      const plane = outH * outW;
      for (let k = 0; k < batch * filters; k++) {
        let sum = 0;
        for (let i = k * plane; i < (k + 1) * plane; i++) sum += dy[i] as number;
        db[k % filters] = (db[k % filters] as number) + sum;
      }
      eachTap(batch, (yStart, xStart, p, q, w) => {
        const sum = backwardTap(dy, dx, yStart, xStart, p, q, weight[w] as number);
        dw[w] = (dw[w] as number) + sum;
      });
      return dx ?? NOTHING;
    },
  };
}

/** Outputs from the first to before the last that a tap `shift` pixels further on finds inside the input. */
function reach(shift: number, outputs: number, inputs: number): [first: number, end: number] {
  return [Math.max(0, -shift), Math.min(outputs, inputs - shift)];
}

export function relu(output: Shape): PlainLayer {
  let result: Float32Array = new Float32Array();
  return {
    output,
    parameters: [],
    forward(x) {
      result = new Float32Array(x.length);
      for (let k = 0; k < x.length; k++) result[k] = Math.max(x[k] as number, 0);
      return result;
    },
    backward(dy) {
      const dx = new Float32Array(dy.length);
      for (let k = 0; k < dy.length; k++) {
        dx[k] = (result[k] as number) > 0 ? (dy[k] as number) : 0;
      }
      return dx;
    },
  };
}

/** Windows side by side; the gradient goes to the first of the largest. */
export function maxPool2d(
  { poolSize: size }: { poolSize: number },
  [C = 1, inH = 1, inW = 1]: Shape,
): PlainLayer {
  const outH = Math.floor(inH / size);
  const outW = Math.floor(inW / size);
  let winners = new Int32Array();
  let inputLength = 0;
  return {
    output: [C, outH, outW],
    parameters: [],
    forward(x, batch) {
      inputLength = x.length;
      const y = new Float32Array(batch * C * outH * outW);
      winners = new Int32Array(y.length);
      let k = 0;
      for (let plane = 0; plane < batch * C; plane++) {
        for (let i = 0; i < outH; i++) {
          for (let j = 0; j < outW; j++) {
            const corner = (plane * inH + i * size) * inW + j * size;
            const winner = largestOf(x, corner, size, inW);
            winners[k] = winner;
            y[k++] = x[winner] as number;
          }
        }
      }
      return y;
    },
    backward(dy) {
      const dx = new Float32Array(inputLength);
      for (let k = 0; k < dy.length; k++) {
        const winner = winners[k] as number;
        dx[winner] = (dx[winner] as number) + (dy[k] as number);
      }
      return dx;
    },
  };
}

/** Index of the largest value of a window, the first on a tie. */
function largestOf(x: Float32Array, corner: number, size: number, width: number): number {
  let winner = corner;
  for (let p = 0; p < size; p++) {
    for (let q = 0; q < size; q++) {
      const at = corner + p * width + q;
      if ((x[at] as number) > (x[winner] as number)) winner = at;
    }
  }
  return winner;
}

/** w[units, inputs]. */
export function dense(
  { units }: { units: number },
  [inputs = 1]: Shape,
  weight: Float32Array,
  bias: Float32Array,
): PlainLayer {
  const dw = new Float32Array(weight.length);
  const db = new Float32Array(bias.length);
  let input: Float32Array = new Float32Array();
  return {
    output: [units],
    parameters: [
      { value: weight, gradient: dw },
      { value: bias, gradient: db },
    ],
    forward(x, batch) {
      input = x;
      const y = new Float32Array(batch * units);
      for (let n = 0; n < batch; n++) {
        for (let o = 0; o < units; o++) {
          let sum = bias[o] as number;
          for (let i = 0; i < inputs; i++) {
            sum += (x[n * inputs + i] as number) * (weight[o * inputs + i] as number);
          }
          y[n * units + o] = sum;
        }
      }
      return y;
    },
    backward(dy, batch) {
      const dx = new Float32Array(batch * inputs);
      for (let n = 0; n < batch; n++) {
        for (let o = 0; o < units; o++) {
          const gradient = dy[n * units + o] as number;
          db[o] = (db[o] as number) + gradient;
          for (let i = 0; i < inputs; i++) {
            const w = o * inputs + i;
            dw[w] = (dw[w] as number) + gradient * (input[n * inputs + i] as number);
            dx[n * inputs + i] = (dx[n * inputs + i] as number) + gradient * (weight[w] as number);
          }
        }
      }
      return dx;
    },
  };
}

type Make<Spec> = (
  spec: Spec,
  input: Shape,
  weight: Float32Array,
  bias: Float32Array,
) => PlainLayer;

/** The layers that there are loops for. */
const LAYERS: { readonly [Type in LayerSpec['type']]?: Make<Of<Type>> } = {
  conv2d: (spec, ...rest) => conv2d(plainConvolution(spec), ...rest),
  maxPool2d: (spec, input) => maxPool2d(plainPooling(spec), input),
  relu: (_, input) => relu(input),
  flatten: (_, input) => flatten(input),
  dense(spec, ...rest) {
    if (spec.useBias === false) throw unknown('dense without a bias');
    return dense(spec, ...rest);
  },
};

/** The layer of a spec. @throws {RangeError} on a layer or an option that these loops do not have. */
export function layerOf(
  spec: LayerSpec,
  input: Shape,
  weight = new Float32Array(),
  bias = new Float32Array(),
): PlainLayer {
  const make = LAYERS[spec.type] as Make<LayerSpec> | undefined;
  if (make === undefined) throw unknown(spec.type);
  if ('trainable' in spec && spec.trainable === false) throw unknown('a frozen layer');
  return make(spec, input, weight, bias);
}

function flatten(input: Shape): PlainLayer {
  return {
    output: [input.reduce((product, size) => product * size, 1)],
    parameters: [],
    forward: (x) => x,
    backward: (dy) => dy,
  };
}

function plainConvolution({ filters, kernelSize, padding = 0, ...rest }: Of<'conv2d'>) {
  const { strides = 1, dilation = 1, groups = 1, useBias = true } = rest;
  const isPlain = strides === 1 && dilation === 1 && groups === 1 && useBias;
  const zeros = padding === 'valid' ? 0 : padding;
  if (!isPlain || typeof kernelSize !== 'number' || typeof zeros !== 'number') {
    throw unknown('conv2d with these options');
  }
  return { filters, kernelSize, padding: zeros };
}

function plainPooling({ poolSize, strides = poolSize, padding = 0 }: Of<'maxPool2d'>) {
  const isPlain = strides === poolSize && (padding === 0 || padding === 'valid');
  if (!isPlain || typeof poolSize !== 'number') throw unknown('maxPool2d with these options');
  return { poolSize };
}

/** The error for what these loops do not have. */
export function unknown(what: string): RangeError {
  return new RangeError(
    `plain JavaScript: expected layers that its loops have, got ${what}. Compare another network.`,
  );
}
