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

export interface ReluSpec extends Placement {
  readonly type: 'relu';
}

/** `y = max(x, 0)`; the slope at 0 is taken as 0. */
export const relu: LayerFactory<ReluSpec> = elementwise<ReluSpec>('relu', 'y');

export interface LeakyReluSpec extends Placement {
  readonly type: 'leakyRelu';
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
