/** Nearest-neighbour upsampling in double precision. x, dx: `[planes, inH, inW]`; y, dy: `[planes, inH·scaleH, inW·scaleW]`. @module */

/** Sizes of an upsampling; planes are images times channels. */
export type UpsampleSizes = readonly [
  planes: number,
  inH: number,
  inW: number,
  scaleH: number,
  scaleW: number,
];

/** `y[i, j] = x[⌊i / scaleH⌋, ⌊j / scaleW⌋]` */
export function upsample2dForward(x: ArrayLike<number>, sizes: UpsampleSizes): Float64Array {
  return Float64Array.from(sources(sizes), (source) => x[source]);
}

/** The sum of dy over each block. */
export function upsample2dBackward(dy: ArrayLike<number>, sizes: UpsampleSizes): Float64Array {
  const [planes, inH, inW] = sizes;
  const dx = new Float64Array(planes * inH * inW);
  for (const [output, source] of sources(sizes).entries()) dx[source] += dy[output];
  return dx;
}

/** Where each number of y comes from. */
function sources([planes, inH, inW, scaleH, scaleW]: UpsampleSizes): number[] {
  const [outH, outW] = [inH * scaleH, inW * scaleW];
  return Array.from({ length: planes * outH * outW }, (_, output) => {
    const [plane, i, j] = [
      Math.floor(output / (outH * outW)),
      Math.floor(output / outW) % outH,
      output % outW,
    ];
    return (plane * inH + Math.floor(i / scaleH)) * inW + Math.floor(j / scaleW);
  });
}
