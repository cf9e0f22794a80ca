/**
 * exp, log and normal numbers. Kernels: assembly/lib/math.ts, assembly/lib/random.ts. Oracle: the engine's own exp and log, and
 * src/reference/randomNormal.ts. The plain loops may use the engine's functions, as their results reach no weight.
 * @module
 */
import { randomNormal } from '../../reference/randomNormal.ts';
import type { Case } from '../case.ts';
import { aboveZero, caseOf, type Operation } from './operation.ts';

/** Parameters of the reference network, of LeNet-5, and of the larger network of the training bench. */
const LENGTHS: readonly number[] = [20_410, 61_706, 1_199_882];
const DEVIATION = 0.1;

export const mathCases: readonly Case[] = [
  ...LENGTHS.map((length) => caseOf(exponential(length))),
  caseOf(logarithm(LENGTHS[0])),
  caseOf(normal(LENGTHS[0])),
];

function exponential(length: number): Operation {
  return {
    kernel: 'exp',
    shape: String(length),
    flops: length,
    outputs: [length],
    inputs: [length],
    call: (kernels, [y], [x]) => kernels.exp(y, x, length),
    plain([y], [x]) {
      for (let i = 0; i < y.length; i++) y[i] = Math.exp(x[i]);
    },
    exact: ([x]) => [Float64Array.from(x, Math.exp)],
  };
}

function logarithm(length: number): Operation {
  return {
    kernel: 'log',
    shape: String(length),
    flops: length,
    outputs: [length],
    inputs: [[length, aboveZero]],
    call: (kernels, [y], [x]) => kernels.log(y, x, length),
    plain([y], [x]) {
      for (let i = 0; i < y.length; i++) y[i] = Math.log(x[i]);
    },
    exact: ([x]) => [Float64Array.from(x, Math.log)],
  };
}

function normal(length: number): Operation {
  return {
    kernel: 'randomNormal',
    shape: String(length),
    flops: 20 * length,
    outputs: [length],
    inputs: [[length, (workspace, count) => workspace.words(count)]],
    call: (kernels, [y], [bits]) => kernels.randomNormal(y, bits, length, DEVIATION),
    plain([y], [bits]) {
      for (let i = 0; i < y.length; i++) {
        y[i] = DEVIATION * normalQuantile(((bits[i] >>> 0) + 0.5) / 2 ** 32);
      }
    },
    exact: ([bits]) => [randomNormal(bits, DEVIATION)],
  };
}

/** Φ⁻¹(p) with a relative error of 10⁻⁹, by P. J. Acklam's rational functions (2003). */
function normalQuantile(p: number): number {
  if (p < 0.02425) return quantileOfTail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - 0.02425) return -quantileOfTail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  const above =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
      138.357751867269) *
      r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const below =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
      66.80131188771972) *
      r -
      13.28068155288572) *
      r +
    1;
  return (above * q) / below;
}

function quantileOfTail(q: number): number {
  const above =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q -
      2.549732539343734) *
      q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const below =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q +
      3.754408661907416) *
      q +
    1;
  return above / below;
}
