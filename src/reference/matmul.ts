/** Matrix products in double precision. Row-major. @module */

/** `c[m, n] = a[m, k]·b[k, n]` */
export function matmul(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  m: number,
  n: number,
  k: number,
): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let p = 0; p < k; p++) c[i * n + j] += a[i * k + p] * b[p * n + j];
    }
  }
  return c;
}

/** `y[j, i] = x[i, j]` */
export function transpose(x: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    { length: rows * columns },
    (_, at) => x[(at % rows) * columns + Math.floor(at / rows)],
  );
}
