/** Dense layer in double precision: `y = x·wᵀ + b`, with w[outputs, inputs]. @module */
import { matmul, transpose } from './matmul.ts';

/** `y = x·wᵀ + b` */
export function denseForward(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  b: ArrayLike<number> | null,
  batch: number,
  inputs: number,
  outputs: number,
): Float64Array {
  const y = matmul(x, transpose(w, outputs, inputs), batch, outputs, inputs);
  return b === null ? y : y.map((value, at) => value + b[at % outputs]);
}

/** `dx = dy·w` */
export function denseBackwardInput(
  dy: ArrayLike<number>,
  w: ArrayLike<number>,
  batch: number,
  inputs: number,
  outputs: number,
): Float64Array {
  return matmul(dy, w, batch, inputs, outputs);
}

/** `dw = dyᵀ·x` */
export function denseBackwardWeight(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  batch: number,
  inputs: number,
  outputs: number,
): Float64Array {
  return matmul(transpose(dy, batch, outputs), x, outputs, inputs, batch);
}

/** `db = Σₙ dy[n]` */
export function denseBackwardBias(
  dy: ArrayLike<number>,
  batch: number,
  outputs: number,
): Float64Array {
  const db = new Float64Array(outputs);
  for (let at = 0; at < batch * outputs; at++) db[at % outputs] += dy[at];
  return db;
}
