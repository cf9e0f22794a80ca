/**
 * The product of several tensors, element by element; or of images and a number a channel, as a squeeze-and-excitation block
 * has it (Hu, Shen & Sun, "Squeeze-and-excitation networks", 2018). Kernels: assembly/merge/multiply.ts. Oracle:
 * src/reference/multiply.ts.
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { elementCount, formatShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Emitter, Placement, Shapes } from './layer.ts';

export interface MultiplySpec extends Placement {
  readonly type: 'multiply';
}

/**
 * `y = x₀·x₁·…` of two inputs or more: `layers.multiply({ inputs: ['a', 'b'] })`. All have one shape; or some are images
 * `[C, H, W]` and the others, in any place, features `[C]` that each multiply a whole channel. Other shapes are a `ShapeError`. The
 * same input may be given twice. Each dx is dy times all other inputs, for features summed over the channel.
 *
 * y, dy: `[N, C, H, W]`, or the one shape.
 */
export const multiply: LayerFactory<MultiplySpec> = layer<MultiplySpec>({
  type: 'multiply',
  options: {},
  leastInputs: 2,
  backwardReads: ['x'],
  outputShape(where, _spec, inputs) {
    const output = productShape(inputs);
    for (const input of inputs) {
      if (isGate(input, output) || formatShape(input) === formatShape(output)) continue;
      const features = output.length === 3 ? ` or ${output[0]} features` : '';
      throw new ShapeError(
        `${where}: inputs: expected shape ${formatShape(output)}${features}, got ${formatShape(input)}. Use layers of such outputs.`,
      );
    }
    return output;
  },
  scratchBytes: (_kernels, _spec, inputs, batch) =>
    inputs.length > 2
      ? batch * elementCount(productShape(inputs)) * Float32Array.BYTES_PER_ELEMENT
      : 0,
  emit(to, _spec, inputs, { batch, xs, dxs, y, dy, scratch }) {
    const output = productShape(inputs);
    const [channels = 0, ...plane] = output;
    const sizes = [batch, channels, elementCount(plane)] as const;
    const factors = inputs.map((input, i) => ({
      x: xs[i] ?? 0,
      dx: dxs[i] ?? 0,
      isGate: isGate(input, output),
    }));
    const [first, others] = takeWhole(factors);
    emitProduct(to, 'forward', y, first.x, others, sizes);
    for (const factor of factors.filter(({ dx }) => dx !== 0)) {
      const rest = factors.filter((other) => other !== factor);
      if (factor.isGate) {
        const [image, gates] = takeWhole(rest);
        const product = emitProduct(to, 'backward', scratch, dy, gates, sizes);
        to.backward('sumProducts', factor.dx, product, image.x, ...sizes);
      } else emitProduct(to, 'backward', factor.dx, dy, rest, sizes);
    }
  },
});

interface Factor {
  readonly x: number;
  readonly dx: number;
  readonly isGate: boolean;
}

/** The shape of the product: that of the images, if there are any. */
function productShape(inputs: Shapes): Shape {
  return inputs.find((input) => input.length > 1) ?? inputs[0];
}

/** Whether an input has one number for each channel of the product. */
function isGate(input: Shape, output: Shape): boolean {
  return input.length === 1 && output.length === 3 && input[0] === output[0];
}

/** The first factor of the shape of the product, and the others. */
function takeWhole(factors: readonly Factor[]): [whole: Factor, others: Factor[]] {
  const whole = factors.find((factor) => !factor.isGate);
  if (whole === undefined) throw new Error('internal: a product of features alone');
  return [whole, factors.filter((factor) => factor !== whole)];
}

/** `y = x·…`, factor after factor. @returns the address of the product: x if there are none. */
function emitProduct(
  to: Emitter,
  pass: 'forward' | 'backward',
  y: number,
  x: number,
  factors: readonly Factor[],
  sizes: readonly [batch: number, channels: number, pixels: number],
): number {
  let product = x;
  for (const factor of factors) {
    if (factor.isGate) to[pass]('multiplyChannels', y, product, factor.x, ...sizes);
    else to[pass]('multiply', y, product, factor.x, elementCount(sizes));
    product = y;
  }
  return product;
}
