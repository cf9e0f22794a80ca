/** How a data set is cut into batches: whole ones, then the rest, which is trained on too. @module */

/** Steps of an epoch, `ceil(count / batchSize)`. */
export function batchCount(count: number, batchSize: number): number {
  return Math.ceil(count / batchSize);
}
