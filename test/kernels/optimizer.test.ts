/** The optimizers' kernels agree with the oracle, and their steps with PyTorch's. */
import { readFileSync } from 'node:fs';
import {
  adadeltaStep,
  adagradStep,
  adamStep,
  momentumStep,
  nesterovStep,
  rmspropMomentumStep,
  rmspropStep,
  sgdStep,
} from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import * as optimizers from '../../src/optimizers/index.ts';
import { type OptimizerSpec, optimizerOf } from '../../src/optimizers/registry.ts';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 997];
/** Roundings of one step on numbers of size 1. */
const TOLERANCE = 3e-7;

type Three = [number, number, number];

interface Golden {
  readonly w: number[];
  readonly gradients: number[][];
  readonly optimizers: { type: OptimizerSpec['type']; options: object; final: number[] }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../golden/optimizers.json', import.meta.url), 'utf8'),
);

describe.each(builds)('optimizers, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;
  const random = testRandom(7);
  const f32 = (address: number, length: number) => memory.f32(address, length);

  it('runs on the build that the title names', () => expectBuild(memory, build));

  describe.each(LENGTHS)('%i elements', (length) => {
    const start = () => {
      memory.reset();
      const [w, v, dw, m] = Array.from({ length: 4 }, () => uniform(random, length));
      const square = v?.map((value) => value * value);
      return { w, v, dw, m, square } as Record<'w' | 'v' | 'dw' | 'm' | 'square', Float32Array>;
    };

    it('sgd agrees with the oracle', () => {
      const { w, dw } = start();
      const y = memory.output(length, w);
      kernels.sgd(y, memory.input(dw), length, 0.3);
      memory.check();
      expectClose(f32(y, length), sgdStep(w, dw, { learningRate: 0.3 }), TOLERANCE);
    });

    it.each([
      ['momentum', momentumStep],
      ['nesterov', nesterovStep],
    ] as const)('%s', (name, oracle) => {
      const { w, v, dw } = start();
      const [y, velocity] = [memory.output(length, w), memory.output(length, v)];
      kernels[name](y, velocity, memory.input(dw), length, 0.3, 0.7);
      memory.check();
      const expected = oracle(w, v, dw, { learningRate: 0.3, momentum: 0.7 });
      expectClose(f32(y, length), expected.w, TOLERANCE);
      expectClose(f32(velocity, length), expected.v, TOLERANCE);
    });

    it('rmsprop agrees with the oracle', () => {
      const { w, square, dw } = start();
      const [y, v] = [memory.output(length, w), memory.output(length, square)];
      kernels.rmsprop(y, v, memory.input(dw), length, 0.3, 0.9, 1e-3);
      memory.check();
      const options = { learningRate: 0.3, rho: 0.9, epsilon: 1e-3 };
      const expected = rmspropStep(w, square, dw, options);
      // where √v is small its quotient is large: of the size of 1/√(1 − ρ), about 3
      expectClose(f32(y, length), expected.w, 4 * TOLERANCE);
      expectClose(f32(v, length), expected.v, TOLERANCE);
    });

    it('rmsprop with momentum', () => {
      const { w, square, m, dw } = start();
      const [y, v, u] = [w, square, m].map((block) => memory.output(length, block)) as Three;
      kernels.rmspropMomentum(y, v, u, memory.input(dw), length, 0.3, 0.7, 0.9, 1e-3);
      memory.check();
      const options = { learningRate: 0.3, rho: 0.9, epsilon: 1e-3, momentum: 0.7 };
      const expected = rmspropMomentumStep(w, square, m, dw, options);
      expectClose(f32(y, length), expected.w, 4 * TOLERANCE);
      expectClose(f32(v, length), expected.v, TOLERANCE);
      expectClose(f32(u, length), expected.u, 4 * TOLERANCE);
    });

    it('adagrad', () => {
      const { w, square, dw } = start();
      const [y, v] = [memory.output(length, w), memory.output(length, square)];
      kernels.adagrad(y, v, memory.input(dw), length, 0.3, 1e-3);
      memory.check();
      const expected = adagradStep(w, square, dw, { learningRate: 0.3, epsilon: 1e-3 });
      expectClose(f32(y, length), expected.w, TOLERANCE);
      expectClose(f32(v, length), expected.v, TOLERANCE);
    });

    it('adadelta', () => {
      const { w, v: other, square, dw } = start();
      const mean = other.map((value) => value * value);
      const [y, v, u] = [w, square, mean].map((block) => memory.output(length, block)) as Three;
      kernels.adadelta(y, v, u, memory.input(dw), length, 0.3, 0.9, 1e-3);
      memory.check();
      const options = { learningRate: 0.3, rho: 0.9, epsilon: 1e-3 };
      const expected = adadeltaStep(w, square, mean, dw, options);
      expectClose(f32(y, length), expected.w, 4 * TOLERANCE);
      expectClose(f32(v, length), expected.v, TOLERANCE);
      expectClose(f32(u, length), expected.u, 4 * TOLERANCE);
    });

    it.each([0, 0.2])('adam, weight decay %f', (weightDecay) => {
      const { w, m, square, dw } = start();
      const [y, mean, v] = [w, m, square].map((block) => memory.output(length, block)) as Three;
      const gradient = memory.input(dw);
      const [c1, c2] = [1 - 0.9 ** 5, 1 - 0.99 ** 5];
      kernels.adam(y, mean, v, gradient, length, 0.01, 0.9, 0.99, 1e-3, weightDecay, c1, c2);
      memory.check();
      const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay };
      const expected = adamStep(w, m, square, dw, 5, options);
      expectClose(f32(y, length), expected.w, 4 * TOLERANCE);
      expectClose(f32(mean, length), expected.m, TOLERANCE);
      expectClose(f32(v, length), expected.v, TOLERANCE);
    });
  });

  it('a weight without gradients stays unchanged under every optimizer', () => {
    for (const create of Object.values(optimizers)) {
      const spec = create();
      if (spec.type === 'adamw') continue; // decay is its purpose
      memory.reset();
      const y = memory.output(5, [1, -2, 3, -4, 5]);
      const definition = optimizerOf(spec);
      const scalars = Float64Array.from(definition.scalars);
      definition.advance?.(spec, scalars);
      const tensors = {
        w: y,
        dw: memory.input([0, 0, 0, 0, 0]),
        length: 5,
        state: definition
          .initialState(spec)
          .map((value) => memory.output(5, new Array(5).fill(value))),
      };
      definition.update(kernels, spec, tensors, Number(spec.learningRate), scalars);
      expect([...f32(y, 5)], spec.type).toEqual([1, -2, 3, -4, 5]);
    }
  });

  it.each(golden.optimizers)('ten steps of $type end at PyTorch’s weights', (entry) => {
    memory.reset();
    const spec = { type: entry.type, ...entry.options } as OptimizerSpec;
    const definition = optimizerOf(spec);
    const { length } = golden.w;
    const w = memory.output(length, golden.w);
    const dw = memory.output(length);
    const state = definition
      .initialState(spec)
      .map((value) => memory.output(length, new Float32Array(length).fill(value)));
    const scalars = Float64Array.from(definition.scalars);
    for (const gradient of golden.gradients) {
      f32(dw, length).set(gradient);
      definition.advance?.(spec, scalars);
      const rate = Number(spec.learningRate);
      definition.update(kernels, spec, { w, dw, length, state }, rate, scalars);
    }
    memory.check();
    expectClose(f32(w, length), entry.final, 1e-6);
  });
});
