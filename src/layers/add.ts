/**
 * The sum of several tensors, element by element: what makes a block residual (He, Zhang, Ren & Sun, "Deep residual
 * learning for image recognition", 2016). Kernel: assembly/merge/add.ts. Oracle: src/reference/add.ts.
 * @module
 */
import { checkSameShape, elementCount } from '../base/shape.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface AddSpec extends Placement {
  readonly type: 'add';
}

/**
 * `y = x₀ + x₁ + …`, from left to right, of inputs of one shape: `layers.add({ inputs: ['a', 'b'] })`. The same input may
 * be given twice. Every dx is dy.
 */
export const add: LayerFactory<AddSpec> = layer<AddSpec>({
  type: 'add',
  options: {},
  leastInputs: 2,
  passesGradient: true,
  backwardReads: [],
  outputShape(where, _spec, inputs) {
    for (const input of inputs) checkSameShape(`${where}: inputs`, inputs[0], input);
    return inputs[0];
  },
  emit(to, _spec, [input], { batch, xs: [first = 0, ...others], y }) {
    const length = batch * elementCount(input);
    let sum = first;
    for (const x of others) {
      to.forward('add', y, sum, x, length);
      sum = y;
    }
  },
});
