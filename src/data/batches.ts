/** How a data set is cut into batches: whole ones, then the rest, which is trained on too. @module */

/** Steps of an epoch, `ceil(count / batchSize)`. */
export function batchCount(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}

/** Updates of an epoch, if `accumulate` batches share one: the last ones of an epoch are fewer. */
export function updateCount(count: number, batchSize: number, accumulate: number): number {
  return Math.ceil(batchCount(count, batchSize) / accumulate);
}
