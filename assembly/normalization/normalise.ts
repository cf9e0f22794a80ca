/** y = (x − mean)·scale + shift over a plane. */
export function normalise(
  y: usize,
  x: usize,
  planeBytes: usize,
  mean: f32,
  scale: f32,
  shift: f32,
): void {
  const means = f32x4.splat(mean);
  const scales = f32x4.splat(scale);
  const shifts = f32x4.splat(shift);
  const vectorEnd = planeBytes & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const centred = f32x4.sub(v128.load(x + i), means);
    v128.store(y + i, f32x4.add(f32x4.mul(centred, scales), shifts));
  }
  for (; i < planeBytes; i += 4) store<f32>(y + i, (load<f32>(x + i) - mean) * scale + shift);
}
