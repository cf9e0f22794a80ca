/**
 * Activations that take one number at a time: a kernel pair each, `<name>Forward` and `<name>Backward` in
 * assembly/activations/, and a row here.
 *
 *   forward    y  = f(x)           (y, x, length, options of the function)
 *   backward   dx = dy·f′          (dx, dy, x or y, length, the same options)
 *
 * x, y, dx, dy all have the input's shape `[N, …]`. A function whose slope follows from y alone runs in place: y takes
 * the place of x when nobody else reads x. Oracle: src/reference/activations.ts.
 * @module
 */
import { notNegative } from '../base/options.ts';
import { elementCount } from '../base/shape.ts';
import type { Typed } from '../base/spec.ts';
import type { KernelName } from '../wasm/kernels.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { LayerDefinition, Placement } from './layer.ts';

/** Spec of an activation without options. */
export interface ActivationSpec<Type extends string> extends Placement {
  readonly type: Type;
}

/** `y = max(x, 0)`; the slope at 0 is taken as 0. */
export const relu: LayerFactory<ActivationSpec<'relu'>> = elementwise('relu', 'y');

/** `y = min(max(x, 0), 6)`; the slope at 0 and at 6 is taken as 0. */
export const relu6: LayerFactory<ActivationSpec<'relu6'>> = elementwise('relu6', 'y');

export interface LeakyReluSpec extends ActivationSpec<'leakyRelu'> {
  /** Slope below 0, at least 0. @default 0.01 */
  readonly negativeSlope?: number;
}

/** `y = x > 0 ? x : negativeSlope·x`; the slope at 0 is `negativeSlope`. (Maas, Hannun & Ng 2013) */
export const leakyRelu: LayerFactory<LeakyReluSpec> = elementwise<LeakyReluSpec>(
  'leakyRelu',
  'y',
  { negativeSlope: notNegative },
  ({ negativeSlope = 0.01 }) => [negativeSlope],
);

export interface EluSpec extends ActivationSpec<'elu'> {
  /** Minus the limit of y for x → −∞, at least 0. @default 1 */
  readonly alpha?: number;
}

/** `y = x > 0 ? x : alpha·(eˣ − 1)`; the slope at 0 is `alpha`. (Clevert, Unterthiner & Hochreiter 2016) */
export const elu: LayerFactory<EluSpec> = elementwise<EluSpec>(
  'elu',
  'y',
  { alpha: notNegative },
  ({ alpha = 1 }) => [alpha],
);

/**
 * `y = λ·(x > 0 ? x : α·(eˣ − 1))` with λ = 1.0507… and α = 1.6732…, which keep mean 0 and variance 1 of layers that
 * begin with `lecunNormal`; the slope at 0 is `λα`. (Klambauer, Unterthiner, Mayr & Hochreiter 2017)
 */
export const selu: LayerFactory<ActivationSpec<'selu'>> = elementwise('selu', 'y');

/** `y = x·Φ(x)`, Φ the normal distribution: the exact form, by erf. (Hendrycks & Gimpel 2016) */
export const gelu: LayerFactory<ActivationSpec<'gelu'>> = elementwise('gelu', 'x');

/** `y = x / (1 + e⁻ˣ)`, also called swish. (Elfwing, Uchibe & Doya 2018) */
export const silu: LayerFactory<ActivationSpec<'silu'>> = elementwise('silu', 'x');

/** `y = x·min(max(x + 3, 0), 6) / 6`; the slope is −½ at −3, 1½ at 3. (Howard et al. 2019) */
export const hardSwish: LayerFactory<ActivationSpec<'hardSwish'>> = elementwise('hardSwish', 'x');

/** `y = min(max(x + 3, 0), 6) / 6`; the slope at −3 and at 3 is taken as 0. (Howard et al. 2019) */
export const hardSigmoid: LayerFactory<ActivationSpec<'hardSigmoid'>> = elementwise(
  'hardSigmoid',
  'x', // from y alone the last number below 3 could not be told from 3
);

/** `y = 1 / (1 + e⁻ˣ)` */
export const sigmoid: LayerFactory<ActivationSpec<'sigmoid'>> = elementwise('sigmoid', 'y');

/** `y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)` */
export const tanh: LayerFactory<ActivationSpec<'tanh'>> = elementwise('tanh', 'y');

/** `y = ln(1 + eˣ)`, a smooth ReLU. (Dugas et al. 2001) */
export const softplus: LayerFactory<ActivationSpec<'softplus'>> = elementwise('softplus', 'y');

/** The kernels of a function that takes one number at a time. */
type ElementwiseName = StemOf<KernelName>;

/** `relu` of `reluForward`, if there is a `reluBackward`. */
type StemOf<Name> = Name extends `${infer Stem}Forward`
  ? `${Stem}Backward` extends KernelName
    ? Stem
    : never
  : never;

/**
 * The layer of a function.
 * @param reads What its slope is computed from: y if that is enough.
 * @param values Of the options, as its kernels take them.
 */
function elementwise<Spec extends Typed & Placement>(
  type: Spec['type'] & ElementwiseName,
  reads: 'x' | 'y',
  options = {} as LayerDefinition<Spec>['options'],
  values: (spec: Spec) => readonly number[] = () => [],
): LayerFactory<Spec> {
  const forward = `${type}Forward` as 'reluForward'; // all have the same arguments, then the options
  const backward = `${type}Backward` as 'reluBackward';
  return layer<Spec>({
    type,
    options,
    backwardReads: [reads],
    ...(reads === 'y' && { isInPlace: true }),
    outputShape: (_where, _spec, [input]) => input,
    emit(to, spec, [input], { batch, x, y, dx, dy }) {
      const length = batch * elementCount(input);
      const rest = values(spec) as [];
      to.forward(forward, y, x, length, ...rest);
      if (dx !== 0) to.backward(backward, dx, dy, reads === 'y' ? y : x, length, ...rest);
    },
  });
}
