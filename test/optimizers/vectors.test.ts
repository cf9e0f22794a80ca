/** Optimizers against PyTorch in double precision: ten steps from recorded gradients, where the golden vectors are at hand. */
import { optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { type OptimizerSpec, optimizerOf } from '../../src/optimizers/registry.ts';
import { GuardedMemory } from '../support/kernels.ts';
import { decode, type Encoded, libraryVectors } from '../support/vectors.ts';

interface Case {
  readonly optimizer: Readonly<Record<string, number>>;
  readonly initial: Readonly<Record<string, Encoded>>;
  readonly grads: readonly Readonly<Record<string, Encoded>>[];
  readonly after_step: Readonly<Record<string, Readonly<Record<string, Encoded>>>>;
  readonly tol: { readonly from_recorded_grads: number };
}

/** Our optimizers by the names and options of the vectors; clipping and decay by part are tested with whole networks. */
const specs: Readonly<Record<string, (o: Case['optimizer']) => OptimizerSpec>> = {
  adadelta: ({ lr = 0, rho = 0, eps = 0 }) =>
    optimizers.adadelta({ learningRate: lr, rho, epsilon: eps }),
  adagrad: ({ lr = 0, initial_accumulator: initialAccumulator = 0, eps = 0 }) =>
    optimizers.adagrad({ learningRate: lr, initialAccumulator, epsilon: eps }),
  nesterov: ({ lr = 0, momentum = 0 }) => optimizers.nesterov({ learningRate: lr, momentum }),
  rmsprop: ({ lr = 0, alpha = 0, eps = 0 }) =>
    optimizers.rmsprop({ learningRate: lr, rho: alpha, epsilon: eps }),
  rmsprop_momentum: ({ lr = 0, alpha = 0, eps = 0, momentum = 0 }) =>
    optimizers.rmsprop({ learningRate: lr, rho: alpha, epsilon: eps, momentum }),
};

const cases = libraryVectors<Case>(/^optimizer_/).flatMap((vector) => {
  const create = specs[vector.name.replace('optimizer_', '')];
  return create === undefined ? [] : [{ ...vector, spec: create(vector.optimizer) }];
});

describe.skipIf(cases.length === 0)('PyTorch', () => {
  const memory = new GuardedMemory('release');

  it.each(cases)('$name', ({ spec, initial, grads, after_step: after, tol }) => {
    const { initialState, scalars, advance, update } = optimizerOf(spec);
    let compared = 0;
    for (const [name, first] of Object.entries(initial)) {
      if (grads[0]?.[name] === undefined) continue; // a running statistic
      const { data } = decode(first);
      const { length } = data;
      memory.reset();
      const w = memory.output(length, data);
      const dw = memory.output(length);
      const state = initialState(spec).map((value) =>
        memory.output(length, new Float32Array(length).fill(value)),
      );
      const remembered = Float64Array.from(scalars);
      for (const gradients of grads) {
        memory.f32(dw, length).set(decode(gradients[name] as Encoded).data);
        advance?.(spec, remembered);
        const tensors = { w, dw, length, state };
        update(memory.kernels, spec, tensors, Number(spec.learningRate), remembered);
      }
      memory.check();
      const expected = decode(after['10']?.[name] as Encoded).data;
      for (const [i, value] of memory.f32(w, length).entries()) {
        const error = Math.abs(value - (expected[i] ?? Number.NaN));
        expect(error, `${name}[${i}]`).toBeLessThanOrEqual(tol.from_recorded_grads);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
});
