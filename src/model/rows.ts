/** Tensors of any shape as rows of the last axis, for operations that keep the shape. @module */
import { checkSameShape, checkTensor } from '../base/shape.ts';
import type { Tensor } from '../base/types.ts';

/** Runs over rows of the last axis, which any tensor has. */
export function anyShape(where: string, x: Tensor, run: (rows: Tensor) => Tensor): Tensor {
  checkTensor(`${where}: x`, x);
  return { shape: [...x.shape], data: run(rowsOf(x)).data };
}

/** The same with the gradient of the output beside x. */
export function anyPair(
  where: string,
  dy: Tensor,
  x: Tensor,
  run: (dy: Tensor, rows: Tensor) => Tensor,
): Tensor {
  checkTensor(`${where}: x`, x);
  checkTensor(`${where}: dy`, dy);
  checkSameShape(`${where}: dy`, x.shape, dy.shape);
  return { shape: [...x.shape], data: run(rowsOf(dy), rowsOf(x)).data };
}

function rowsOf({ shape, data }: Tensor): Tensor {
  const length = shape.at(-1) ?? 1;
  return { shape: [data.length / length, length], data };
}
