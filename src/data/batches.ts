/** How a data set is cut into batches: whole batches, then the rest. Training uses the rest too. @module */

/** Number of steps in an epoch, `ceil(count / batchSize)`. */
export function batchCount(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/** Updates of an epoch, if `accumulate` batches share one: the last ones of an epoch are fewer. */
export function updateCount(count: number, batchSize: number, accumulate: number): number {
  return Math.ceil(batchCount(count, batchSize) / accumulate);
}
