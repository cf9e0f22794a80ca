/**
 * Every kernel as a plain function of tensors, memory included: for tests, teaching and other libraries.
 * Training does not pass here.
 *
 * Each takes `(tensors…, options)`; each backward takes dy and then the tensors of its forward. Results are the
 * caller's. Shapes are checked; what does not fit is a `ShapeError`.
 * @module
 */
import { checkInteger } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import {
  type ConvSizes,
  checkSameShape,
  checkTensor,
  convSizes,
  elementCount,
  formatShape,
  type PoolOptions,
  type PoolSizes,
  poolSizes,
  type WindowOptions,
} from '../base/shape.ts';
import type { Shape, Tensor } from '../base/types.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { type Arena, Layout } from '../wasm/memory.ts';

/** Options of a convolution; the kernel size is the weight's. */
export interface ConvOptions extends Omit<WindowOptions, 'kernelSize'> {
  readonly groups?: number;
}

/** Gradients of the loss by the input, the weight and the bias of a layer. */
export interface Gradients {
  readonly dx: Tensor;
  readonly dw: Tensor;
  readonly db: Tensor;
}

export interface MatmulOptions {
  /** Use aᵀ: `a` is `[K, M]`. */
  readonly transposeA?: boolean;
  /** Use bᵀ: `b` is `[N, K]`. */
  readonly transposeB?: boolean;
}

export interface Ops {
  /** `y[N, OC, OH, OW]` of `x[N, C, H, W]`, `w[OC, C / groups, KH, KW]` and `b[OC]` or null. */
  conv2d(x: Tensor, w: Tensor, b: Tensor | null, options?: ConvOptions): Tensor;
  conv2dBackward(dy: Tensor, x: Tensor, w: Tensor, options?: ConvOptions): Gradients;
  /** The largest value of each window of `x[N, C, H, W]`; the first one on a tie. */
  maxPool2d(x: Tensor, options: PoolOptions): Tensor;
  maxPool2dBackward(dy: Tensor, x: Tensor, options: PoolOptions): Tensor;
  /** `y[N, O] = x[N, I]·w[O, I]ᵀ + b[O]`. */
  dense(x: Tensor, w: Tensor, b: Tensor | null): Tensor;
  denseBackward(dy: Tensor, x: Tensor, w: Tensor): Gradients;
  /** `max(x, 0)`, any shape. */
  relu(x: Tensor): Tensor;
  reluBackward(dy: Tensor, x: Tensor): Tensor;
  /** Over the last axis. */
  softmax(x: Tensor): Tensor;
  softmaxBackward(dy: Tensor, x: Tensor): Tensor;
  /** Mean loss over the rows of `logits[N, C]` and its gradient, 1/N included. Labels are integers below C. */
  softmaxCrossEntropy(logits: Tensor, labels: ArrayLike<number>): { loss: number; dx: Tensor };
  /** `a[M, K]·b[K, N]`. */
  matmul(a: Tensor, b: Tensor, options?: MatmulOptions): Tensor;
}

/** The operations over the memory that `arena` gives. */
export function createOps(arena: () => Arena): Ops {
  return {
    conv2d(x, w, b, options = {}) {
      const { sizes, shape } = convolution('conv2d', x, w, options);
      checkBias('conv2d', b, w);
      const { kernels, space } = open(arena());
      const y = space.zeros(shape);
      const scratch = space.reserve(kernels.conv2dScratchBytes(...sizes));
      kernels.conv2dForward(y, space.put(x), space.put(w), space.put(b), scratch, ...sizes);
      return space.take(y, shape);
    },

    conv2dBackward(dy, x, w, options = {}) {
      const { sizes, shape } = convolution('conv2dBackward', x, w, options);
      checkTensor('conv2dBackward: dy', dy, 4);
      checkSameShape('conv2dBackward: dy', shape, dy.shape);
      const [batch = 0, outC = 0, outH = 0, outW = 0] = shape;
      const { kernels, space } = open(arena());
      const [dx, dw, db] = [space.zeros(x.shape), space.zeros(w.shape), space.zeros([outC])];
      const [dyAt, xAt, wAt] = [space.put(dy), space.put(x), space.put(w)];
      const scratch = space.reserve(kernels.conv2dScratchBytes(...sizes));
      kernels.conv2dBackwardInput(dx, dyAt, wAt, scratch, ...sizes);
      kernels.conv2dBackwardWeight(dw, dyAt, xAt, scratch, ...sizes);
      kernels.conv2dBackwardBias(db, dyAt, batch, outC, outH, outW);
      return {
        dx: space.take(dx, x.shape),
        dw: space.take(dw, w.shape),
        db: space.take(db, [outC]),
      };
    },

    maxPool2d(x, options) {
      const { sizes, shape } = pooling('maxPool2d', x, options);
      const { kernels, space } = open(arena());
      const [y, argmax] = [space.zeros(shape), space.zeros(shape)];
      kernels.maxPool2dForward(y, argmax, space.put(x), ...sizes);
      return space.take(y, shape);
    },

    maxPool2dBackward(dy, x, options) {
      const { sizes, shape } = pooling('maxPool2dBackward', x, options);
      checkTensor('maxPool2dBackward: dy', dy, 4);
      checkSameShape('maxPool2dBackward: dy', shape, dy.shape);
      const [batch, channels, inH, inW, outH, outW] = sizes;
      const { kernels, space } = open(arena());
      const [y, argmax, dx] = [space.zeros(shape), space.zeros(shape), space.zeros(x.shape)];
      kernels.maxPool2dForward(y, argmax, space.put(x), ...sizes); // for its arg-max
      kernels.maxPool2dBackward(dx, space.put(dy), argmax, batch, channels, inH, inW, outH, outW);
      return space.take(dx, x.shape);
    },

    dense(x, w, b) {
      const sizes = denseSizes('dense', x, w);
      checkBias('dense', b, w);
      const [batch, , units] = sizes;
      const { kernels, space } = open(arena());
      const y = space.zeros([batch, units]);
      const scratch = space.reserve(kernels.denseScratchBytes(...sizes));
      kernels.denseForward(y, space.put(x), space.put(w), space.put(b), scratch, ...sizes);
      return space.take(y, [batch, units]);
    },

    denseBackward(dy, x, w) {
      const sizes = denseSizes('denseBackward', x, w);
      const [batch, , units] = sizes;
      checkTensor('denseBackward: dy', dy, 2);
      checkSameShape('denseBackward: dy', [batch, units], dy.shape);
      const { kernels, space } = open(arena());
      const [dx, dw, db] = [space.zeros(x.shape), space.zeros(w.shape), space.zeros([units])];
      const [dyAt, xAt, wAt] = [space.put(dy), space.put(x), space.put(w)];
      const scratch = space.reserve(kernels.denseScratchBytes(...sizes));
      kernels.denseBackwardInput(dx, dyAt, wAt, scratch, ...sizes);
      kernels.denseBackwardWeight(dw, dyAt, xAt, scratch, ...sizes);
      kernels.denseBackwardBias(db, dyAt, batch, units);
      return {
        dx: space.take(dx, x.shape),
        dw: space.take(dw, w.shape),
        db: space.take(db, [units]),
      };
    },

    relu(x) {
      checkTensor('relu: x', x);
      const { kernels, space } = open(arena());
      const y = space.put(x);
      kernels.reluForward(y, y, x.data.length);
      return space.take(y, x.shape);
    },

    reluBackward(dy, x) {
      checkPair('reluBackward', dy, x);
      const { kernels, space } = open(arena());
      const dx = space.put(dy);
      kernels.reluBackward(dx, dx, space.put(x), x.data.length); // y > 0 just where x > 0
      return space.take(dx, x.shape);
    },

    softmax(x) {
      checkTensor('softmax: x', x);
      const { kernels, space } = open(arena());
      const y = space.zeros(x.shape);
      kernels.softmaxForward(y, space.put(x), ...rows(x.shape));
      return space.take(y, x.shape);
    },

    softmaxBackward(dy, x) {
      checkPair('softmaxBackward', dy, x);
      const { kernels, space } = open(arena());
      const [y, dx] = [space.zeros(x.shape), space.zeros(x.shape)];
      kernels.softmaxForward(y, space.put(x), ...rows(x.shape));
      kernels.softmaxBackward(dx, space.put(dy), y, ...rows(x.shape));
      return space.take(dx, x.shape);
    },

    softmaxCrossEntropy(logits, labels) {
      checkTensor('softmaxCrossEntropy: logits', logits, 2);
      const [batch = 0, classes = 0] = logits.shape;
      checkLabels(labels, batch, classes);
      const { kernels, space } = open(arena());
      const [losses, dx] = [space.zeros([batch]), space.zeros(logits.shape)];
      const labelsAt = space.putIntegers(labels);
      kernels.softmaxCrossEntropy(
        losses,
        dx,
        space.put(logits),
        labelsAt,
        batch,
        classes,
        1 / batch,
      );
      const total = space.take(losses, [batch]).data.reduce((sum, loss) => sum + loss, 0);
      return { loss: total / batch, dx: space.take(dx, logits.shape) };
    },

    matmul(a, b, { transposeA = false, transposeB = false } = {}) {
      const { m, n, k } = matmulSizes(a, b, transposeA, transposeB);
      const { kernels, space } = open(arena());
      const c = space.zeros([m, n]);
      const bAt = space.put(b);
      const scratch = space.reserve(kernels.gemmScratchBytes(m, n, k));
      if (transposeA && transposeB) {
        const plain = space.zeros([k, n]); // training never needs both, so there is no kernel for it
        kernels.transpose(plain, bAt, n, k);
        kernels.gemmTN(c, space.put(a), plain, scratch, m, n, k);
      } else {
        const gemm = transposeA ? kernels.gemmTN : transposeB ? kernels.gemmNT : kernels.gemmNN;
        gemm(c, space.put(a), bAt, scratch, m, n, k);
      }
      return space.take(c, [m, n]);
    },
  };
}

/** The memory of one operation: regions one after another, from the start of the arena. */
class Workspace {
  readonly #arena: Arena;
  readonly #layout = new Layout();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  reserve(bytes: number): number {
    const address = this.#layout.reserve(bytes);
    this.#arena.ensure(this.#layout.bytes);
    return address;
  }

  /** Address of a copy; 0 for no tensor. */
  put(tensor: Tensor | null): number {
    if (tensor === null) return 0;
    const address = this.reserve(tensor.data.byteLength);
    this.#arena.f32(address, tensor.data.length).set(tensor.data);
    return address;
  }

  putIntegers(values: ArrayLike<number>): number {
    const address = this.reserve(values.length * Int32Array.BYTES_PER_ELEMENT);
    this.#arena.i32(address, values.length).set(values);
    return address;
  }

  zeros(shape: Shape): number {
    const length = elementCount(shape);
    const address = this.reserve(length * Float32Array.BYTES_PER_ELEMENT);
    this.#arena.f32(address, length).fill(0);
    return address;
  }

  /** A copy for the caller. */
  take(address: number, shape: Shape): Tensor {
    return { shape: [...shape], data: this.#arena.f32(address, elementCount(shape)).slice() };
  }
}

function open(arena: Arena): { kernels: Kernels; space: Workspace } {
  return { kernels: arena.kernels, space: new Workspace(arena) };
}

function convolution(
  where: string,
  x: Tensor,
  w: Tensor,
  options: ConvOptions,
): { sizes: ConvSizes; shape: Shape } {
  checkTensor(`${where}: x`, x, 4);
  checkTensor(`${where}: w`, w, 4);
  const { groups = 1 } = options;
  const [batch = 0, inC = 0] = x.shape;
  const [outC = 0, groupC = 0, kH = 0, kW = 0] = w.shape;
  if (inC !== groupC * groups || outC % groups !== 0) {
    throw new ShapeError(
      `${where}: expected w[outC, C / groups, kH, kW] for ${inC} channels and groups ${groups}, got x ${formatShape(x.shape)} and w ${formatShape(w.shape)}.`,
    );
  }
  const sizes = convSizes(where, x.shape, outC, groups, { ...options, kernelSize: [kH, kW] });
  const [, , , , , outH, outW] = sizes;
  return { sizes, shape: [batch, outC, outH, outW] };
}

function pooling(
  where: string,
  x: Tensor,
  options: PoolOptions,
): { sizes: PoolSizes; shape: Shape } {
  checkTensor(`${where}: x`, x, 4);
  const sizes = poolSizes(where, x.shape, options);
  const [batch, channels, , , outH, outW] = sizes;
  return { sizes, shape: [batch, channels, outH, outW] };
}

function denseSizes(
  where: string,
  x: Tensor,
  w: Tensor,
): [batch: number, inputs: number, units: number] {
  checkTensor(`${where}: x`, x, 2);
  checkTensor(`${where}: w`, w, 2);
  const [batch = 0, inputs = 0] = x.shape;
  const [units = 0] = w.shape;
  checkSameShape(`${where}: w`, [units, inputs], w.shape);
  return [batch, inputs, units];
}

function matmulSizes(
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
): { m: number; n: number; k: number } {
  checkTensor('matmul: a', a, 2);
  checkTensor('matmul: b', b, 2);
  const [m = 0, k = 0] = transposeA ? a.shape.toReversed() : a.shape;
  const [kOfB, n = 0] = transposeB ? b.shape.toReversed() : b.shape;
  if (k !== kOfB) {
    throw new ShapeError(
      `matmul: expected a[M, K] and b[K, N] to share K, got ${m}×${k} and ${kOfB}×${n}${transposeA || transposeB ? ' (after transposing)' : ''}.`,
    );
  }
  return { m, n, k };
}

function checkBias(where: string, b: Tensor | null, w: Tensor): void {
  if (b === null) return;
  checkTensor(`${where}: b`, b, 1);
  checkSameShape(`${where}: b`, w.shape.slice(0, 1), b.shape);
}

function checkPair(where: string, dy: Tensor, x: Tensor): void {
  checkTensor(`${where}: x`, x);
  checkTensor(`${where}: dy`, dy);
  checkSameShape(`${where}: dy`, x.shape, dy.shape);
}

function checkLabels(labels: ArrayLike<number>, batch: number, classes: number): void {
  if (labels?.length !== batch) {
    throw new ShapeError(
      `softmaxCrossEntropy: expected ${batch} labels, one a row, got ${labels?.length ?? describe(labels)}.`,
    );
  }
  for (let n = 0; n < batch; n++)
    checkInteger('softmaxCrossEntropy', `label ${n}`, labels[n], 0, classes - 1);
}

/** A shape as rows of its last axis. */
function rows(shape: Shape): [batch: number, classes: number] {
  const classes = shape.at(-1) ?? 1;
  return [elementCount(shape) / classes, classes];
}
