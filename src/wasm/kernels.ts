/**
 * The WebAssembly kernels as TypeScript sees them, and the one place where they are instantiated.
 *
 * Every address is a byte offset into the linear memory, every count a number of elements. Arguments stand in one
 * order everywhere: outputs, inputs, saved values, scratch, sizes, scalars. What each kernel computes is told at
 * the head of its file in `assembly/`, and in docs/abi.md.
 * @module
 */
import { instantiateSync } from '@assemblyscript/loader';
import type { ConvReluPoolSizes, ConvSizes, PoolSizes } from '../base/shape.ts';

/** Sizes of a patch matrix, in the order `im2col` and `col2im` take them. */
export type PatchSizes = [
  inC: number,
  inH: number,
  inW: number,
  outH: number,
  outW: number,
  kH: number,
  kW: number,
  strideH: number,
  strideW: number,
  padH: number,
  padW: number,
  dilationH: number,
  dilationW: number,
];

// a type, not an interface: the loader asks for Record<string, unknown>, which an interface does not satisfy
export type Kernels = {
  abiVersion(): number;

  gatherU8(x: number, images: number, indices: number, batch: number, length: number): void;
  gatherF32(x: number, images: number, indices: number, batch: number, length: number): void;
  gatherLabels(labels: number, source: number, indices: number, batch: number): void;

  gemmScratchBytes(m: number, n: number, k: number): number;
  gemmNN(c: number, a: number, b: number, scratch: number, m: number, n: number, k: number): void;
  gemmNT(c: number, a: number, b: number, scratch: number, m: number, n: number, k: number): void;
  gemmTN(c: number, a: number, b: number, scratch: number, m: number, n: number, k: number): void;
  transpose(y: number, x: number, rows: number, columns: number): void;

  im2col(col: number, x: number, ...sizes: PatchSizes): void;
  col2im(dx: number, col: number, ...sizes: PatchSizes): void;

  conv2dScratchBytes(...sizes: ConvSizes): number;
  conv2dForward(
    y: number,
    x: number,
    w: number,
    b: number,
    scratch: number,
    ...sizes: ConvSizes
  ): void;
  conv2dBackwardInput(
    dx: number,
    dy: number,
    w: number,
    scratch: number,
    ...sizes: ConvSizes
  ): void;
  conv2dBackwardWeight(
    dw: number,
    dy: number,
    x: number,
    scratch: number,
    ...sizes: ConvSizes
  ): void;
  conv2dBackwardBias(
    db: number,
    dy: number,
    batch: number,
    outC: number,
    outH: number,
    outW: number,
  ): void;

  convReluPoolSavedBytes(outC: number, outH: number, outW: number): number;
  convReluPoolScratchBytes(...sizes: ConvReluPoolSizes): number;
  convReluPoolForward(
    y: number,
    saved: number,
    x: number,
    w: number,
    b: number,
    scratch: number,
    ...sizes: ConvReluPoolSizes
  ): void;
  convReluPoolBackwardWeight(
    dw: number,
    db: number,
    dy: number,
    y: number,
    saved: number,
    x: number,
    scratch: number,
    ...sizes: ConvReluPoolSizes
  ): void;
  convReluPoolBackwardInput(
    dx: number,
    dy: number,
    y: number,
    saved: number,
    w: number,
    scratch: number,
    ...sizes: ConvReluPoolSizes
  ): void;

  reluForward(y: number, x: number, length: number): void;
  reluBackward(dx: number, dy: number, y: number, length: number): void;

  maxPool2dForward(y: number, argmax: number, x: number, ...sizes: PoolSizes): void;
  maxPool2dBackward(
    dx: number,
    dy: number,
    argmax: number,
    batch: number,
    channels: number,
    inH: number,
    inW: number,
    outH: number,
    outW: number,
  ): void;

  denseScratchBytes(batch: number, inputs: number, outputs: number): number;
  denseForward(
    y: number,
    x: number,
    w: number,
    b: number,
    scratch: number,
    batch: number,
    inputs: number,
    outputs: number,
  ): void;
  denseBackwardInput(
    dx: number,
    dy: number,
    w: number,
    scratch: number,
    batch: number,
    inputs: number,
    outputs: number,
  ): void;
  denseBackwardWeight(
    dw: number,
    dy: number,
    x: number,
    scratch: number,
    batch: number,
    inputs: number,
    outputs: number,
  ): void;
  denseBackwardBias(db: number, dy: number, batch: number, outputs: number): void;

  softmaxForward(y: number, x: number, batch: number, classes: number): void;
  softmaxBackward(dx: number, dy: number, y: number, batch: number, classes: number): void;
  softmaxCrossEntropy(
    losses: number,
    dx: number,
    x: number,
    labels: number,
    batch: number,
    classes: number,
    scale: number,
  ): void;
  argmax(indices: number, x: number, batch: number, classes: number): void;

  zero(y: number, length: number): void;
  accumulate(y: number, x: number, length: number, slices: number, stride: number): void;
  sgd(w: number, dw: number, length: number, learningRate: number): void;
  momentum(
    w: number,
    v: number,
    dw: number,
    length: number,
    learningRate: number,
    mu: number,
  ): void;
  nesterov(
    w: number,
    v: number,
    dw: number,
    length: number,
    learningRate: number,
    mu: number,
  ): void;
  rmsprop(
    w: number,
    v: number,
    dw: number,
    length: number,
    learningRate: number,
    rho: number,
    epsilon: number,
  ): void;
  adam(
    w: number,
    m: number,
    v: number,
    dw: number,
    length: number,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
    correction1: number,
    correction2: number,
  ): void;

  exp(y: number, x: number, length: number): void;
  log(y: number, x: number, length: number): void;
  randomNormal(y: number, bits: number, length: number, standardDeviation: number): void;
};

/** What this library calls, checked against the module it is given. */
export const ABI_VERSION = 1;

/**
 * Instantiates the compiled kernels over `memory`.
 * @throws {Error} where the module was built for another version of this library.
 */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Kernels {
  // the loader writes into the import object it is given, hence a fresh one; its own `exports` wrap every kernel
  // in a rest-argument function, hence the instance's
  const { instance } = instantiate(module, memory);
  const kernels = instance.exports as Kernels;
  const version = kernels.abiVersion?.();
  if (version !== ABI_VERSION) {
    throw new Error(
      `kernels: expected a module of ABI version ${ABI_VERSION}, got ${version ?? 'one without'}. Use the .wasm and the JavaScript of one release.`,
    );
  }
  return kernels;
}

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory) {
  try {
    return instantiateSync<Kernels>(module, { env: { memory } });
  } catch (cause) {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    const [expected, found] =
      memory.buffer instanceof ArrayBuffer
        ? ['kernels.wasm', 'kernels.threads.wasm']
        : ['kernels.threads.wasm', 'kernels.wasm'];
    throw new Error(
      `kernels: expected ${expected}, got ${found} or another module. Use the right one.`,
      {
        cause,
      },
    );
  }
}
