/**
 * The loops over one plane that normalisations share. mean, inverse = 1 / √(σ² + ε), weight and bias are those of the plane.
 *
 *   forward    y  = (x − mean)·w·inverse + b
 *   backward   dx = dy·w·inverse − a − (x − mean)·r
 *
 * x, y, dx, dy: f32, planeBytes each, byte addresses; y may be x, dx may be dy. mean and inverse are in double precision:
 * x − centre, with centre the f32 next to the mean, is exact for x near the mean, and what centre lacks of the mean goes into
 * the constant.
 */

/** y = (x − mean)·w·inverse + b */
export function normalise(
  y: usize,
  x: usize,
  w: f32,
  b: f32,
  planeBytes: usize,
  mean: f64,
  inverse: f64,
): void {
  const factor = <f64>w * inverse;
  const centre = <f32>mean;
  const scale = <f32>factor;
  const shift = <f32>(<f64>b + (<f64>centre - mean) * factor);
  const centres = f32x4.splat(centre);
  const scales = f32x4.splat(scale);
  const shifts = f32x4.splat(shift);
  const vectorEnd = planeBytes & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const centred = f32x4.sub(v128.load(x + i), centres);
    v128.store(y + i, f32x4.add(f32x4.mul(centred, scales), shifts));
  }
  for (; i < planeBytes; i += 4) store<f32>(y + i, (load<f32>(x + i) - centre) * scale + shift);
}

/** dx = dy·w·inverse − a − (x − mean)·r */
export function normaliseBackward(
  dx: usize,
  dy: usize,
  x: usize,
  w: f32,
  planeBytes: usize,
  mean: f64,
  inverse: f64,
  a: f64,
  r: f64,
): void {
  const centre = <f32>mean;
  const scale = <f32>(<f64>w * inverse);
  const slope = <f32>r;
  const shift = <f32>(a + (<f64>centre - mean) * r);
  const centres = f32x4.splat(centre);
  const scales = f32x4.splat(scale);
  const slopes = f32x4.splat(slope);
  const shifts = f32x4.splat(shift);
  const vectorEnd = planeBytes & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const centred = f32x4.mul(f32x4.sub(v128.load(x + i), centres), slopes);
    const scaled = f32x4.sub(f32x4.mul(v128.load(dy + i), scales), shifts);
    v128.store(dx + i, f32x4.sub(scaled, centred));
  }
  for (; i < planeBytes; i += 4) {
    const centred = (load<f32>(x + i) - centre) * slope;
    store<f32>(dx + i, load<f32>(dy + i) * scale - shift - centred);
  }
}
