/** Numbers in rows and columns. @module */

/** A matrix, a view into a tensor perhaps. */
export interface Matrix {
  readonly width: number;
  readonly height: number;
  readonly values: ArrayLike<number>;
}
