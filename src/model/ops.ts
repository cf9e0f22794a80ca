/**
 * Every layer and loss as a plain function of tensors, memory included: for tests, teaching and other libraries. Training
 * does not pass here, but each function runs the very `emit` that training runs, on one shard.
 *
 * Each takes `(tensors…, options)`; each backward takes dy and then the tensors of its forward. Results are the
 * caller's. Shapes and options are checked; what does not fit is a `ShapeError`, an unknown option a `TypeError`.
 * @module
 */
import { checkInteger } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { checkOptions, flag } from '../base/options.ts';
import { checkSameShape, checkTensor, elementCount } from '../base/shape.ts';
import type { Shape, TargetKind, Tensor } from '../base/types.ts';
import { bindWork, type Call } from '../compile/work.ts';
import { type LayerSpec, readLayer } from '../layers/registry.ts';
import type { EmitCall, LossDefinition } from '../losses/loss.ts';
import { type LossSpec, lossOf, readLoss, resolveLoss } from '../losses/registry.ts';
import { normalizeWeights, weigh } from '../losses/weighting.ts';
import type { Arena } from '../wasm/memory.ts';
import { layerOps, type RunLayer } from './layerOps.ts';
import type { LayerOps } from './layerOpTypes.ts';
import { LayerRun, type RunOptions, type Tensors } from './layerRun.ts';
import { type LayerOptions, runChecks, splitRunOptions } from './runOptions.ts';
import { Workspace } from './workspace.ts';

/** Which factors are transposed. */
export interface MatmulOptions {
  /** Use aᵀ: `a` is `[K, M]`. */
  readonly transposeA?: boolean;
  /** Use bᵀ: `b` is `[N, K]`. */
  readonly transposeB?: boolean;
}

/** Every layer and loss as a function of tensors: `backend.ops`. */
export interface Ops extends LayerOps {
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
   * labels, whole numbers, or a tensor of the output's shape. A loss that absorbs a last layer takes the logits. Balanced weights
   * of classes are counted in the labels.
   */
  loss(
    loss: LossSpec | LossSpec['type'],
    output: Tensor,
    targets: Tensor | ArrayLike<number>,
  ): { readonly loss: number; readonly dx: Tensor };
  /** Mean loss over the rows of `logits[N, C]` and its gradient, 1/N included. Labels are integers below C. */
  softmaxCrossEntropy(logits: Tensor, labels: ArrayLike<number>): { loss: number; dx: Tensor };
  /** `a[M, K]·b[K, N]`. */
  matmul(a: Tensor, b: Tensor, options?: MatmulOptions): Tensor;
}

/** The operations over the memory that `arena` gives. */
export function createOps(arena: () => Arena): Ops {
  const run: RunLayer = (where, ...rest) => new LayerRun(where, new Workspace(arena()), ...rest);

  return {
    ...layerOps(run),

    layer(spec, inputs, parameters = {}, options = {}) {
      const layer = readLayer('layer', spec);
      const settings = readRunOptions('layer', options);
      return run(`layer ${layer.type}`, layer, inputs, parameters, settings).forward(settings.mode);
    },

    layerBackward(spec, dy, inputs, parameters = {}, options = {}) {
      const layer = readLayer('layerBackward', spec);
      const where = `layerBackward ${layer.type}`;
      checkTensor(`${where}: dy`, dy);
      const settings = readRunOptions(where, options);
      return run(where, layer, inputs, parameters, settings, dy).backward();
    },

    loss(loss, output, targets, ...rest) {
      refuseOptions('loss', rest);
      return runLoss('loss', arena(), readLoss('loss', loss), output, targets);
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

function readRunOptions(where: string, options: LayerOptions | undefined): RunOptions {
  return splitRunOptions(checkOptions<LayerOptions>(where, options, runChecks)).settings;
}

/** For operations that take none. */
function refuseOptions(where: string, [options]: readonly unknown[]): void {
  checkOptions<object>(where, options, {});
}

function runLoss(
  where: string,
  arena: Arena,
  given: LossSpec,
  output: Tensor,
  targets: Tensor | ArrayLike<number>,
): { loss: number; dx: Tensor } {
  const definition = lossOf(given);
  checkTensor(`${where}: output`, output);
  const [batch = 0, ...shape] = output.shape;
  const length = elementCount(shape);
  const kind = kindOf(definition.targets, targets);
  definition.checkOutput(where, given, shape, kind);
  const classes = definition.prediction === 'half' ? 2 : length;
  const labels = kind === 'classes' ? checkLabels(where, targets, batch, classes) : undefined;
  const spec = labels === undefined ? given : resolveLoss(given, { labels, classes });
  const weights = definition.weights?.(spec, length);
  const space = new Workspace(arena);
  const places = {
    losses: space.zeros([batch]),
    dx: space.zeros(output.shape),
    x: space.put(output),
    targets: labels
      ? space.putIntegers(labels)
      : space.put(checkValues(where, targets, output.shape, definition)),
    weights: weights ? space.put({ shape: [length], data: Float32Array.from(weights) }) : 0,
  };
  const calls: Call[] = [];
  const emit: EmitCall = (kernel, ...args) => void calls.push({ kernel, args });
  definition.emit(emit, spec, { ...places, kind, batch, length, total: batch });
  if (weights !== undefined && definition.weighsLabels) {
    const factors = new Float32Array(batch);
    const weighting = { labels, classes: Float32Array.from(weights) };
    const weighed = { weights: factors, products: new Float64Array(batch) };
    weigh(weighed, [...factors.keys()], 0, batch, weighting);
    normalizeWeights(weighed, batch);
    const at = space.put({ shape: [batch], data: factors });
    emit('weighImages', places.losses, places.dx, at, batch, length);
  }
  for (const run of bindWork(space.kernels, space.buffer, calls)) run();
  const total = space.take(places.losses, [batch]).data.reduce((sum, loss) => sum + loss, 0);
  return { loss: total / batch, dx: space.take(places.dx, output.shape) };
}

/** What targets are, if a loss takes both labels and values: values are a tensor. */
function kindOf(kinds: readonly TargetKind[], targets: unknown): TargetKind {
  const [only = 'values', ...others] = kinds;
  if (others.length === 0) return only;
  return typeof targets === 'object' && targets !== null && 'shape' in targets
    ? 'values'
    : 'classes';
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

function checkValues(
  where: string,
  targets: Tensor | ArrayLike<number>,
  shape: Shape,
  definition: Pick<LossDefinition<LossSpec>, 'checkValues'>,
): Tensor {
  const tensor = targets as Tensor; // checked here
  checkTensor(`${where}: targets`, tensor);
  checkSameShape(`${where}: targets`, shape, tensor.shape);
  definition.checkValues?.(where, tensor.data);
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
  const [c, aAt, bAt] = [space.zeros([m, n]), space.put(a), space.put(b)];
  const scratch = space.reserve(space.kernels.gemmScratchBytes(m, n, k));
  const isBoth = transposeA && transposeB; // training never needs both, so there is no kernel for it
  const plain = isBoth ? space.zeros([k, n]) : bAt;
  const { transpose, gemmNN, gemmNT, gemmTN } = space.kernels; // once everything is reserved
  if (isBoth) transpose(plain, bAt, n, k);
  const gemm = transposeA ? gemmTN : transposeB ? gemmNT : gemmNN;
  gemm(c, aAt, plain, scratch, m, n, k);
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
