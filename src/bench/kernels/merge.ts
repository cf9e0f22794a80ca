/** Where branches meet. Kernels: assembly/merge/. Oracles: src/reference/add.ts, src/reference/multiply.ts. @module */
import { add } from '../../reference/add.ts';
import { multiplyBackward, multiplyForward } from '../../reference/multiply.ts';
import type { Case } from '../case.ts';
import { caseOf, type Operation } from './operation.ts';

/** Batch, channels and pixels: one shard of the first block of a small residual network, and a block with gates. */
const TENSOR = [16, 16, 28 * 28] as const;
const GATED = [16, 64, 7 * 7] as const;

export const mergeCases: readonly Case[] = [...tensors(), ...gates()].map(caseOf);

function tensors(): readonly Operation[] {
  const length = TENSOR[0] * TENSOR[1] * TENSOR[2];
  const shape = TENSOR.join('×');
  return [
    {
      kernel: 'add',
      shape,
      flops: length,
      outputs: [length],
      inputs: [length, length],
      call: (kernels, [y], [a, b]) => kernels.add(y, a, b, length),
      plain([y], [a, b]) {
        for (let i = 0; i < y.length; i++) y[i] = a[i] + b[i];
      },
      exact: (factors) => [add(...factors)],
    },
    {
      kernel: 'multiply',
      shape,
      flops: length,
      outputs: [length],
      inputs: [length, length],
      call: (kernels, [y], [a, b]) => kernels.multiply(y, a, b, length),
      plain([y], [a, b]) {
        for (let i = 0; i < y.length; i++) y[i] = a[i] * b[i];
      },
      exact: (factors) => [multiplyForward(factors)],
    },
  ];
}

/** A factor for each channel, as in a squeeze-and-excitation block. */
function gates(): readonly Operation[] {
  const [batch, channels, pixels] = GATED;
  const [rows, length] = [batch * channels, batch * channels * pixels];
  const shape = GATED.join('×');
  return [
    {
      kernel: 'multiplyChannels',
      shape,
      flops: length,
      outputs: [length],
      inputs: [length, rows],
      call: (kernels, [y], [x, s]) => kernels.multiplyChannels(y, x, s, ...GATED),
      plain([y], [x, s]) {
        for (let row = 0; row < rows; row++) {
          const factor = s[row];
          for (let i = row * pixels; i < (row + 1) * pixels; i++) y[i] = factor * x[i];
        }
      },
      exact: (factors) => [multiplyForward(factors)],
    },
    {
      kernel: 'sumProducts',
      shape,
      flops: 2 * length,
      outputs: [rows],
      inputs: [length, length],
      call: (kernels, [ds], [dy, x]) => kernels.sumProducts(ds, dy, x, ...GATED),
      plain([ds], [dy, x]) {
        for (let row = 0; row < rows; row++) {
          let sum = 0;
          for (let i = row * pixels; i < (row + 1) * pixels; i++) sum += dy[i] * x[i];
          ds[row] = sum;
        }
      },
      exact: ([dy, x]) => [multiplyBackward(dy, [x, new Float64Array(rows)])[1]],
    },
  ];
}
