/** Products in double precision. A factor is as long as the product, or has one number a channel of `pixels` numbers. @module */

/** `x₀·x₁·…` */
export function multiplyForward(xs: readonly ArrayLike<number>[]): Float64Array {
  const length = Math.max(...xs.map((x) => x.length));
  return Float64Array.from({ length }, (_, i) =>
    xs.reduce((product, x) => product * x[placeIn(x, i, length)], 1),
  );
}

/** For each factor dy times the others, summed over what the factor multiplies. */
export function multiplyBackward(
  dy: ArrayLike<number>,
  xs: readonly ArrayLike<number>[],
): Float64Array[] {
  return xs.map((x, own) => {
    const dx = new Float64Array(x.length);
    for (let i = 0; i < dy.length; i++) {
      const others = xs.filter((_, other) => other !== own);
      const product = others.reduce(
        (all, other) => all * other[placeIn(other, i, dy.length)],
        dy[i],
      );
      dx[placeIn(x, i, dy.length)] += product;
    }
    return dx;
  });
}

/** The number of a factor that belongs to number i of the product. */
function placeIn(x: ArrayLike<number>, i: number, length: number): number {
  return Math.floor((i * x.length) / length);
}
