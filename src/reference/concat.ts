/** Tensors behind one another, in double precision. @module */

/** `batch` rows, each the row of every input in turn. */
export function concatForward(xs: readonly ArrayLike<number>[], batch: number): Float64Array {
  const rows = Array.from({ length: batch }, (_, n) =>
    xs.flatMap((x) => Array.from(x).slice((n * x.length) / batch, ((n + 1) * x.length) / batch)),
  );
  return Float64Array.from(rows.flat());
}

/** The parts of dy, for inputs of so many numbers a row. */
export function concatBackward(
  dy: ArrayLike<number>,
  counts: readonly number[],
  batch: number,
): Float64Array[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let offset = 0;
  return counts.map((count) => {
    const start = offset;
    offset += count;
    return Float64Array.from(
      { length: batch * count },
      (_, i) => dy[Math.floor(i / count) * total + start + (i % count)],
    );
  });
}
