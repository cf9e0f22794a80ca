/** Zeros around images, and images without their border, in double precision. Each is the gradient of the other. @module */

/** An image inside a larger one; planes are images times channels. */
export type SideSizes = readonly [
  planes: number,
  height: number,
  width: number,
  top: number,
  left: number,
  bottom: number,
  right: number,
];

/** Images of height × width with zeros around them. */
export function padSides(x: ArrayLike<number>, sizes: SideSizes): Float64Array {
  const [planes, height, width, top, left, bottom, right] = sizes;
  const y = new Float64Array(planes * (top + height + bottom) * (left + width + right));
  for (const [inside, outside] of insideOf(sizes).entries()) y[outside] = x[inside];
  return y;
}

/** The images of height × width inside larger ones. */
export function cropSides(x: ArrayLike<number>, sizes: SideSizes): Float64Array {
  return Float64Array.from(insideOf(sizes), (outside) => x[outside]);
}

/** The place in the larger images of every pixel of the smaller ones. */
function insideOf([planes, height, width, top, left, bottom, right]: SideSizes): number[] {
  return Array.from({ length: planes * height * width }, (_, inside) => {
    const [plane, h, v] = [
      Math.floor(inside / (height * width)),
      Math.floor(inside / width) % height,
      inside % width,
    ];
    return (plane * (top + height + bottom) + top + h) * (left + width + right) + left + v;
  });
}
