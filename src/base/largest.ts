/** Which number of a row is the largest. @module */

/** The index of the largest number, the first of equal ones, as training counts; numbers that are none are passed over. */
export function indexOfLargest(row: ArrayLike<number>): number {
  let found = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < row.length; i++) {
    const value = row[i] ?? Number.NaN;
    if (value > most) {
      most = value;
      found = i;
    }
  }
  return found;
}
