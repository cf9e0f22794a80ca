/**
 * Every layer and loss as a plain function of tensors, memory included: for tests, teaching and other libraries. Training
 * does not pass here, but each function runs the very `emit` that training runs, on one shard.
 *
 * Each takes `(tensors…, options)`; each backward takes dy and then the tensors of its forward. Results are the
 * caller's. Shapes and options are checked; what does not fit is a `ShapeError`, an unknown option a `TypeError`.
 * @module
 */
import { checkInteger, wrongKind } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { checkOptions, flag, type OptionCheck, whole } from '../base/options.ts';
import { checkSameShape, checkTensor, elementCount } from '../base/shape.ts';
import type { Shape, Tensor } from '../base/types.ts';
import { type PoolOptions, padding, size2d, type WindowOptions } from '../base/window.ts';
import { bindWork, type Call } from '../compile/work.ts';
import type { Mode } from '../layers/layer.ts';
import { definitionOf, type LayerSpec, readLayer } from '../layers/registry.ts';
import { type LossSpec, lossOf, readLoss } from '../losses/registry.ts';
import type { Arena } from '../wasm/memory.ts';
import { LayerRun, type RunOptions, type Tensors } from './layerRun.ts';
import { Workspace } from './workspace.ts';

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

/** How a layer runs, and what a random one draws from. */
export interface LayerOptions {
  /** @default 'evaluate' */
  readonly mode?: Mode;
  /** Of the model. @default 1 */
  readonly seed?: number;
  /** Of the model's life, counted from 1. @default 1 */
  readonly epoch?: number;
  /** Batch of the epoch, counted from 0. @default 0 */
  readonly step?: number;
}

export interface Ops {
  /**
   * Any layer: `y` of the inputs `[N, …]`, and what its running parameters become after a batch in training. `name` and
   * `inputs` of the spec are not looked up.
   */
  layer(
    spec: LayerSpec,
    inputs: readonly Tensor[],
    parameters?: Tensors,
    options?: LayerOptions,
  ): { readonly y: Tensor; readonly running?: Tensors };
  /** The gradients of any layer by its inputs and its trained parameters. */
  layerBackward(
    spec: LayerSpec,
    dy: Tensor,
    inputs: readonly Tensor[],
    parameters?: Tensors,
    options?: LayerOptions,
  ): { readonly dx: readonly Tensor[]; readonly gradients: Tensors };
  /**
   * Any loss of an output `[N, …]`: its mean over the images, and its gradient by the output, the mean included. Targets are
   * labels, whole numbers, or a tensor of the output's shape. A loss that absorbs a last layer takes the logits.
   */
  loss(
    loss: LossSpec | LossSpec['type'],
    output: Tensor,
    targets: Tensor | ArrayLike<number>,
  ): { readonly loss: number; readonly dx: Tensor };
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
  /** `x > 0 ? x : negativeSlope·x`, any shape. */
  leakyRelu(x: Tensor, options?: { readonly negativeSlope?: number }): Tensor;
  leakyReluBackward(dy: Tensor, x: Tensor, options?: { readonly negativeSlope?: number }): Tensor;
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
  const run = (
    where: string,
    spec: LayerSpec,
    inputs: readonly Tensor[],
    parameters: Tensors,
    options: LayerOptions | undefined,
    dy?: Tensor,
  ) => {
    const settings = readRunOptions(where, options);
    return new LayerRun(where, new Workspace(arena()), spec, inputs, parameters, settings, dy);
  };
  const forward = (spec: LayerSpec, x: Tensor, parameters: Tensors = {}) =>
    run(spec.type, spec, [x], parameters, {}).forward('evaluate').y;
  const backward = (spec: LayerSpec, dy: Tensor, x: Tensor, parameters: Tensors = {}) => {
    const where = `${spec.type}Backward`;
    checkTensor(`${where}: dy`, dy);
    const { dx, gradients } = run(where, spec, [x], parameters, {}, dy).backward();
    const [first = x] = dx; // as many as inputs
    return { dx: first, gradients };
  };

  return {
    layer(spec, inputs, parameters = {}, options = {}) {
      const layer = readLayer('layer', spec);
      const settings = readRunOptions('layer', options);
      return run(`layer ${layer.type}`, layer, inputs, parameters, settings).forward(settings.mode);
    },

    layerBackward(spec, dy, inputs, parameters = {}, options = {}) {
      const layer = readLayer('layerBackward', spec);
      const where = `layerBackward ${layer.type}`;
      checkTensor(`${where}: dy`, dy);
      return run(where, layer, inputs, parameters, options, dy).backward();
    },

    loss(loss, output, targets, ...rest) {
      refuseOptions('loss', rest);
      return runLoss('loss', arena(), readLoss('loss', loss), output, targets);
    },

    conv2d(x, w, b, options) {
      const spec = convolution('conv2d', w, b !== null, options);
      return forward(spec, x, b === null ? { weight: w } : { weight: w, bias: b });
    },

    conv2dBackward(dy, x, w, options) {
      const spec = convolution('conv2dBackward', w, true, options);
      return named(backward(spec, dy, x, { weight: w, bias: zeroBias(w) }));
    },

    maxPool2d: (x, options) => forward(specOf('maxPool2d', 'maxPool2d', options), x),

    maxPool2dBackward: (dy, x, options) =>
      backward(specOf('maxPool2dBackward', 'maxPool2d', options), dy, x).dx,

    dense(x, w, b, ...rest) {
      refuseOptions('dense', rest);
      const spec = denseLayer('dense', w, b !== null);
      return forward(spec, x, b === null ? { weight: w } : { weight: w, bias: b });
    },

    denseBackward(dy, x, w, ...rest) {
      refuseOptions('denseBackward', rest);
      const spec = denseLayer('denseBackward', w, true);
      return named(backward(spec, dy, x, { weight: w, bias: zeroBias(w) }));
    },

    relu(x, ...rest) {
      refuseOptions('relu', rest);
      return anyShape('relu', x, (rows) => forward({ type: 'relu' }, rows));
    },

    reluBackward(dy, x, ...rest) {
      refuseOptions('reluBackward', rest);
      return anyPair('reluBackward', dy, x, (g, rows) => backward({ type: 'relu' }, g, rows).dx);
    },

    leakyRelu(x, options) {
      const spec = specOf('leakyRelu', 'leakyRelu', options);
      return anyShape('leakyRelu', x, (rows) => forward(spec, rows));
    },

    leakyReluBackward(dy, x, options) {
      const where = 'leakyReluBackward';
      const spec = specOf(where, 'leakyRelu', options);
      return anyPair(where, dy, x, (g, rows) => backward(spec, g, rows).dx);
    },

    softmax(x, ...rest) {
      refuseOptions('softmax', rest);
      return anyShape('softmax', x, (rows) => forward({ type: 'softmax' }, rows));
    },

    softmaxBackward(dy, x, ...rest) {
      refuseOptions('softmaxBackward', rest);
      return anyPair(
        'softmaxBackward',
        dy,
        x,
        (g, rows) => backward({ type: 'softmax' }, g, rows).dx,
      );
    },

    softmaxCrossEntropy(logits, labels, ...rest) {
      refuseOptions('softmaxCrossEntropy', rest);
      checkTensor('softmaxCrossEntropy: logits', logits, 2);
      const loss = { type: 'categoricalCrossentropy' } as const;
      return runLoss('softmaxCrossEntropy', arena(), loss, logits, labels);
    },

    matmul: (a, b, options) => multiply(new Workspace(arena()), a, b, options),
  };
}

const runChecks = {
  mode: ((where, name, value) => {
    if (value === 'train' || value === 'evaluate') return;
    throw wrongKind(where, name, "'train' or 'evaluate'", value);
  }) as OptionCheck,
  seed: whole(0, 2 ** 32 - 1),
  epoch: whole(0, 2 ** 32 - 1),
  step: whole(0),
};

function readRunOptions(where: string, options: LayerOptions | undefined): RunOptions {
  const given = checkOptions<LayerOptions>(where, options, runChecks);
  return { mode: 'evaluate', seed: 1, epoch: 1, step: 0, ...given };
}

const convChecks = { strides: size2d(1), padding, dilation: size2d(1), groups: whole(1) };

/** The layer of a convolution with these weights. */
function convolution(
  where: string,
  w: Tensor,
  useBias: boolean,
  options: ConvOptions | undefined,
): LayerSpec {
  const given = checkOptions<ConvOptions>(where, options, convChecks);
  checkTensor(`${where}: w`, w, 4);
  const [filters = 0, , kH = 0, kW = 0] = w.shape;
  return { type: 'conv2d', filters, kernelSize: [kH, kW], useBias, ...given };
}

function denseLayer(where: string, w: Tensor, useBias: boolean): LayerSpec {
  checkTensor(`${where}: w`, w, 2);
  const [units = 0] = w.shape;
  return { type: 'dense', units, useBias };
}

/** A checked spec of the options that are the layer's own: an operation has neither name nor inputs. */
function specOf(where: string, type: LayerSpec['type'], options: unknown): LayerSpec {
  const { name: _, inputs: __, ...own } = definitionOf({ type } as LayerSpec).options;
  const checked = checkOptions<object>(where, options, own);
  return { ...checked, type } as LayerSpec; // what the checks say
}

function zeroBias({ shape: [length = 0] }: Tensor): Tensor {
  return { shape: [length], data: new Float32Array(length) };
}

function named({
  dx,
  gradients: { weight: dw, bias: db },
}: {
  readonly dx: Tensor;
  readonly gradients: Tensors;
}): Gradients {
  if (dw === undefined || db === undefined) throw new Error('internal: a layer without weights');
  return { dx, dw, db };
}

/** Runs over rows of the last axis, which any tensor has. */
function anyShape(where: string, x: Tensor, run: (rows: Tensor) => Tensor): Tensor {
  checkTensor(`${where}: x`, x);
  return { shape: [...x.shape], data: run(rowsOf(x)).data };
}

function anyPair(
  where: string,
  dy: Tensor,
  x: Tensor,
  run: (dy: Tensor, rows: Tensor) => Tensor,
): Tensor {
  checkTensor(`${where}: x`, x);
  checkTensor(`${where}: dy`, dy);
  checkSameShape(`${where}: dy`, x.shape, dy.shape);
  return { shape: [...x.shape], data: run(rowsOf(dy), rowsOf(x)).data };
}

function rowsOf({ shape, data }: Tensor): Tensor {
  const length = shape.at(-1) ?? 1;
  return { shape: [data.length / length, length], data };
}

/** For operations that take none. */
function refuseOptions(where: string, [options]: readonly unknown[]): void {
  checkOptions<object>(where, options, {});
}

function runLoss(
  where: string,
  arena: Arena,
  spec: LossSpec,
  output: Tensor,
  targets: Tensor | ArrayLike<number>,
): { loss: number; dx: Tensor } {
  const definition = lossOf(spec);
  checkTensor(`${where}: output`, output);
  const [batch = 0, ...shape] = output.shape;
  definition.checkOutput(where, shape);
  const length = elementCount(shape);
  const space = new Workspace(arena);
  const places = {
    losses: space.zeros([batch]),
    dx: space.zeros(output.shape),
    x: space.put(output),
    targets:
      definition.targets === 'classes'
        ? space.putIntegers(checkLabels(where, targets, batch, length))
        : space.put(checkValues(where, targets, output.shape)),
  };
  const calls: Call[] = [];
  definition.emit((kernel, ...args) => void calls.push({ kernel, args }), spec, {
    ...places,
    batch,
    length,
    total: batch,
  });
  for (const run of bindWork(space.kernels, space.buffer, calls)) run();
  const total = space.take(places.losses, [batch]).data.reduce((sum, loss) => sum + loss, 0);
  return { loss: total / batch, dx: space.take(places.dx, output.shape) };
}

function checkLabels(
  where: string,
  labels: Tensor | ArrayLike<number>,
  batch: number,
  classes: number,
): ArrayLike<number> {
  const list = labels as ArrayLike<number> | null | undefined;
  if (list?.length !== batch) {
    throw new ShapeError(
      `${where}: expected ${batch} labels, one a row, got ${describe(list?.length ?? labels)}. Use a list of whole numbers.`,
    );
  }
  for (let n = 0; n < batch; n++) checkInteger(where, `label ${n}`, list[n], 0, classes - 1);
  return list;
}

function checkValues(where: string, targets: Tensor | ArrayLike<number>, shape: Shape): Tensor {
  const tensor = targets as Tensor; // checked here
  checkTensor(`${where}: targets`, tensor);
  checkSameShape(`${where}: targets`, shape, tensor.shape);
  return tensor;
}

function multiply(
  space: Workspace,
  a: Tensor,
  b: Tensor,
  options: MatmulOptions | undefined,
): Tensor {
  const { transposeA = false, transposeB = false } = checkOptions<MatmulOptions>(
    'matmul',
    options,
    { transposeA: flag, transposeB: flag },
  );
  const { m, n, k } = matmulSizes(a, b, transposeA, transposeB);
  const { kernels } = space;
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
      `matmul: expected a[M, K] and b[K, N] to share K, got ${m}×${k} and ${kOfB}×${n}${transposeA || transposeB ? ' (after transposing)' : ''}. Use transposeA, transposeB, or other shapes.`,
    );
  }
  return { m, n, k };
}
