/** assembly/activations/ against src/reference/activations.ts: every function that takes one number at a time. */
import * as reference from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 997];

interface Activation {
  readonly name: string;
  /** What backward reads. */
  readonly reads: 'x' | 'y';
  readonly options: readonly number[];
  /** Limits, and slopes from both sides where they differ. */
  readonly kinks: readonly (readonly [x: number, y: number, slope: number])[];
  /** True if the slope at NaN is a number. */
  readonly isFlatAtNaN?: true;
}

const SELU = 1.0507009873554805;
const SELU_LIMIT = SELU * 1.6732632423543772;

const activations: readonly Activation[] = [
  {
    name: 'relu6',
    reads: 'y',
    options: [],
    isFlatAtNaN: true,
    kinks: [
      [0, 0, 0],
      [-0, 0, 0],
      [6, 6, 0],
      [5.9999995, 5.9999995, 1],
    ],
  },
  {
    name: 'leakyRelu',
    reads: 'y',
    options: [0.25],
    isFlatAtNaN: true,
    kinks: [[0, 0, 0.25]],
  },
  { name: 'elu', reads: 'y', options: [1], kinks: [[0, 0, 1]] },
  { name: 'elu', reads: 'y', options: [0.75], kinks: [[0, 0, 0.75]] },
  { name: 'elu', reads: 'y', options: [0], kinks: [[0, 0, 0]] },
  { name: 'selu', reads: 'y', options: [], kinks: [[0, 0, SELU_LIMIT]] },
  { name: 'gelu', reads: 'x', options: [], kinks: [[0, 0, 0.5]] },
  { name: 'silu', reads: 'x', options: [], kinks: [[0, 0, 0.5]] },
  {
    name: 'hardSwish',
    reads: 'x',
    options: [],
    kinks: [
      [-3, 0, -0.5],
      [3, 3, 1.5],
      [-3.0000002, 0, 0],
      [3.0000002, 3.0000002, 1],
    ],
  },
  {
    name: 'hardSigmoid',
    reads: 'x',
    options: [],
    isFlatAtNaN: true,
    kinks: [
      [-3, 0, 0],
      [3, 1, 0],
      [2.9999998, 1, 1 / 6],
      [-2.9999998, 0, 1 / 6],
    ],
  },
  { name: 'sigmoid', reads: 'y', options: [], kinks: [[0, 0.5, 0.25]] },
  { name: 'tanh', reads: 'y', options: [], kinks: [[0, 0, 1]] },
  { name: 'softplus', reads: 'y', options: [], kinks: [[0, Math.LN2, 0.5]] },
];

/** From the smallest subnormal number to nearly the largest of all. */
const EXTREMES = [1e-45, 1e-40, 1e-30, 1e-7, 6, 20, 60, 88.8, 104, 1e3, 1e30, 3e38].flatMap((x) => [
  x,
  -x,
]);

type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const oracle = reference as unknown as Functions;

function expected(name: string, ...args: readonly unknown[]): Float64Array {
  return oracle[name]?.(...args) as Float64Array;
}

describe.each(builds)('activations, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const kernels = memory.kernels as unknown as Functions;

  it('are of the build that they should be', () => expectBuild(memory, build));

  /** y, then dx for a gradient of ones, or another. */
  function run({ name, reads, options }: Activation, x: Float32Array, dy?: Float32Array) {
    memory.reset();
    const { length } = x;
    const [y, dx] = [memory.output(length), memory.output(length)];
    const [xAt, dyAt] = [memory.input(x), memory.input(dy ?? x.map(() => 1))];
    kernels[`${name}Forward`]?.(y, xAt, length, ...options);
    kernels[`${name}Backward`]?.(dx, dyAt, reads === 'y' ? y : xAt, length, ...options);
    memory.check();
    return { y: memory.f32(y, length).slice(), dx: memory.f32(dx, length).slice() };
  }

  describe.each(activations)('$name($options)', (activation) => {
    const { name, reads, options, kinks } = activation;

    it.each(LENGTHS)('is that of the oracle for %i numbers', (length) => {
      const random = testRandom(length);
      const x = uniform(random, length).map((value) => value * 8);
      const dy = uniform(random, length);
      const { y, dx } = run(activation, x, dy);
      expectClose(y, expected(`${name}Forward`, x, ...options), 3e-7);
      const from = reads === 'y' ? expected(`${name}Forward`, x, ...options) : x;
      expectClose(dx, expected(`${name}Backward`, dy, from, ...options), 5e-7);
    });

    it('has the same bits in every lane, tails included', () => {
      const x = uniform(testRandom(3), 7).map((value) => value * 8);
      const { y, dx } = run(activation, x);
      for (const [i, value] of x.entries()) {
        const alone = run(activation, Float32Array.of(value));
        expect([y[i], dx[i]]).toEqual([alone.y[0], alone.dx[0]]);
      }
    });

    it('works in place', () => {
      const x = uniform(testRandom(5), 11).map((value) => value * 8);
      const { y, dx } = run(activation, x);
      memory.reset();
      const [value, gradient] = [
        memory.output(11, x),
        memory.output(11, new Float32Array(11).fill(1)),
      ];
      kernels[`${name}Forward`]?.(value, value, 11, ...options);
      const from = reads === 'y' ? value : memory.input(x);
      kernels[`${name}Backward`]?.(gradient, gradient, from, 11, ...options);
      memory.check();
      expect(memory.f32(value, 11)).toEqual(y);
      expect(memory.f32(gradient, 11)).toEqual(dx);
    });

    it('keeps a NaN', () => {
      const { y, dx } = run(activation, Float32Array.of(1, Number.NaN, 1, 1, 1, Number.NaN));
      expect(Array.from(y, Number.isNaN)).toEqual([false, true, false, false, false, true]);
      const isNaNThere = activation.isFlatAtNaN !== true;
      expect(Array.from(dx, Number.isNaN)).toEqual([
        false,
        isNaNThere,
        false,
        false,
        false,
        isNaNThere,
      ]);
    });

    it('is finite and right for the smallest and the largest numbers', () => {
      const x = Float32Array.from(EXTREMES).map((v) => (name === 'selu' ? v / 2 : v)); // λ·x overflows
      const { y, dx } = run(activation, x);
      const exact = expected(`${name}Forward`, x, ...options);
      const slopes = expected(
        `${name}Backward`,
        x.map(() => 1),
        reads === 'y' ? exact : x,
        ...options,
      );
      for (const i of x.keys()) {
        expectClose([y[i] ?? Number.NaN], [exact[i] ?? Number.NaN], 3e-7);
        expectClose([dx[i] ?? Number.NaN], [slopes[i] ?? Number.NaN], 5e-7);
      }
    });

    it.each(kinks)('at %d is %d and has the slope %d', (x, y, slope) => {
      const got = run(activation, Float32Array.of(x));
      expectClose(got.y, [y], 1e-7);
      expectClose(got.dx, [slope], 1.5e-7);
    });
  });

  /** The largest error over f32 of all sizes up to `end`, in units in the last place of the exact value. */
  function largestError(
    name: string,
    options: readonly number[],
    exact: (x: number) => number,
    end: number,
  ) {
    const bits = Uint32Array.from({ length: 2 ** 16 }, (_, i) => i * 65_521);
    const x = new Float32Array(bits.buffer).filter(
      (value) => Number.isFinite(value) && value < end,
    );
    const { y } = run({ name, reads: 'y', options, kinks: [] }, x);
    return x.reduce((most, value, i) => {
      const right = exact(value);
      const error = Math.abs((y[i] ?? Number.NaN) - right) / unitInTheLastPlace(right);
      return Math.max(most, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
    }, 0);
  }

  // what the head of assembly/lib/vectorMath.ts says
  it.each([
    ['elu', [1], 1, (x: number) => (x > 0 ? x : Math.expm1(x)), Number.POSITIVE_INFINITY],
    ['sigmoid', [], 2.5, (x: number) => 1 / (1 + Math.exp(-x)), Number.POSITIVE_INFINITY],
    ['sigmoid', [], 1, Math.exp, -17], // 1 + eˣ is 1 there
    ['tanh', [], 2.5, Math.tanh, Number.POSITIVE_INFINITY],
    ['softplus', [], 3, softplus, Number.POSITIVE_INFINITY],
  ] as const)(
    '%s(%j) errs by at most %d units in the last place',
    (name, options, most, exact, end) => {
      expect(largestError(name, options, exact, end)).toBeLessThanOrEqual(most);
    },
  );

  it('gelu keeps its digits in the tail, where 1 + erf would cancel', () => {
    const x = Float32Array.from({ length: 120 }, (_, i) => -i / 10 - 0.05);
    const { y } = run({ name: 'gelu', reads: 'x', options: [], kinks: [] }, x);
    const exact = reference.geluForward(x);
    for (const [i, value] of exact.entries()) {
      expect(Math.abs((y[i] ?? Number.NaN) / value - 1)).toBeLessThanOrEqual(4e-6);
    }
  });
});

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function unitInTheLastPlace(value: number): number {
  const size = Math.abs(value);
  return size < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(size)) - 23);
}
