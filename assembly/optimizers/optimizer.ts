/**
 * Kernels over flat blocks: the optimizers, and the sum over shards. w, dw, v, m, y: f32[length]. Blocks do not overlap; dw
 * is not changed. Each update is one pass over its blocks, element by element, so a part of a block can be updated alone.
 *
 *   zero         y[i]  = 0
 *   accumulate   y[i] += x[0, i] + x[1, i] + …
 *   sgd          w[i] -= α·dw[i]
 *   momentum     v[i]  = µ·v[i] + dw[i]                      w[i] -= α·v[i]
 *   nesterov     v[i]  = µ·v[i] + dw[i]                      w[i] -= α·(dw[i] + µ·v[i])
 *   rmsprop      v[i]  = ρ·v[i] + (1 − ρ)·dw[i]²             w[i] -= α·dw[i] / (√v[i] + ε)
 *   adam         m[i]  = β₁·m[i] + (1 − β₁)·dw[i]            w[i] -= α·λ·w[i], then
 *                v[i]  = β₂·v[i] + (1 − β₂)·dw[i]²           w[i] -= α·(m[i] / c₁) / (√(v[i] / c₂) + ε)
 *
 * Momentum: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964). Nesterov: Sutskever,
 * Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning" (2013), in the form that
 * PyTorch computes. RMSprop: Hinton, "Neural networks for machine learning", lecture 6e (2012). Adam: Kingma & Ba
 * (2015), algorithm 1; c = 1 − βᵗ corrects for the start from 0. AdamW, with λ > 0: Loshchilov & Hutter, "Decoupled weight
 * decay regularization" (2019), algorithm 2.
 *
 * Decays close to 1 are f64 arguments, so that 1 − β is computed before rounding. All arithmetic on blocks is f32.
 */

/**
 * y = 0
 *
 * @writes y
 */
export function zero(y: usize, length: i32): void {
  assert(length >= 0);
  memory.fill(y, 0, (<usize>length) << 2);
}

/**
 * y += x₀ + x₁ + …, one slice after another. x: f32[slices, length], slice s at x + s·stride bytes.
 *
 * @adds y
 * @param stride bytes from one slice to the next
 */
export function accumulate(y: usize, x: usize, length: i32, slices: i32, stride: usize): void {
  assert(length >= 0 && slices >= 0);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  const slicesEnd = <usize>slices * stride;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    let sum = v128.load(y + i);
    for (let s: usize = 0; s < slicesEnd; s += stride) sum = f32x4.add(sum, v128.load(x + i + s));
    v128.store(y + i, sum);
  }
  for (; i < end; i += 4) {
    let sum = load<f32>(y + i);
    for (let s: usize = 0; s < slicesEnd; s += stride) sum += load<f32>(x + i + s);
    store<f32>(y + i, sum);
  }
}

/**
 * w -= learningRate·dw
 *
 * @updates w
 * @param learningRate α
 */
export function sgd(w: usize, dw: usize, length: i32, learningRate: f32): void {
  assert(length >= 0);
  const rate = f32x4.splat(learningRate);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.mul(rate, v128.load(dw + i))));
  }
  for (; i < end; i += 4) store<f32>(w + i, load<f32>(w + i) - learningRate * load<f32>(dw + i));
}

/**
 * v = mu·v + dw, w -= learningRate·v
 *
 * @updates w, v
 * @param learningRate α
 * @param mu µ
 */
export function momentum(
  w: usize,
  v: usize,
  dw: usize,
  length: i32,
  learningRate: f32,
  mu: f32,
): void {
  assert(length >= 0);
  const rate = f32x4.splat(learningRate);
  const keep = f32x4.splat(mu);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const velocity = f32x4.add(f32x4.mul(keep, v128.load(v + i)), v128.load(dw + i));
    v128.store(v + i, velocity);
    v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.mul(rate, velocity)));
  }
  for (; i < end; i += 4) {
    const velocity = mu * load<f32>(v + i) + load<f32>(dw + i);
    store<f32>(v + i, velocity);
    store<f32>(w + i, load<f32>(w + i) - learningRate * velocity);
  }
}

/**
 * v = mu·v + dw, w -= learningRate·(dw + mu·v)
 *
 * @updates w, v
 * @param learningRate α
 * @param mu µ
 */
export function nesterov(
  w: usize,
  v: usize,
  dw: usize,
  length: i32,
  learningRate: f32,
  mu: f32,
): void {
  assert(length >= 0);
  const rate = f32x4.splat(learningRate);
  const keep = f32x4.splat(mu);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(dw + i);
    const velocity = f32x4.add(f32x4.mul(keep, v128.load(v + i)), g);
    v128.store(v + i, velocity);
    const step = f32x4.add(g, f32x4.mul(keep, velocity));
    v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.mul(rate, step)));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(dw + i);
    const velocity = mu * load<f32>(v + i) + g;
    store<f32>(v + i, velocity);
    store<f32>(w + i, load<f32>(w + i) - learningRate * (g + mu * velocity));
  }
}

/**
 * v = rho·v + (1 − rho)·dw², w -= learningRate·dw / (√v + epsilon)
 *
 * @updates w, v
 * @param learningRate α
 * @param rho ρ
 * @param epsilon ε
 */
export function rmsprop(
  w: usize,
  v: usize,
  dw: usize,
  length: i32,
  learningRate: f32,
  rho: f64,
  epsilon: f32,
): void {
  assert(length >= 0);
  const old = <f32>rho;
  const fresh = <f32>(1.0 - rho);
  const rate = f32x4.splat(learningRate);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(dw + i);
    const kept = f32x4.mul(f32x4.splat(old), v128.load(v + i));
    const square = f32x4.add(kept, f32x4.mul(f32x4.mul(f32x4.splat(fresh), g), g));
    v128.store(v + i, square);
    const root = f32x4.add(f32x4.sqrt(square), f32x4.splat(epsilon));
    v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.div(f32x4.mul(rate, g), root)));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(dw + i);
    const square = old * load<f32>(v + i) + fresh * g * g;
    store<f32>(v + i, square);
    store<f32>(w + i, load<f32>(w + i) - (learningRate * g) / (sqrt<f32>(square) + epsilon));
  }
}

/**
 * m = beta1·m + (1 − beta1)·dw, v = beta2·v + (1 − beta2)·dw²,
 * w = (1 − learningRate·weightDecay)·w − learningRate·(m / correction1) / (√(v / correction2) + epsilon)
 *
 * The corrections are 1 − βᵗ at step t, above 0. The kernel folds them into two scalars, so a weight costs one division.
 *
 * @updates w, m, v
 * @param learningRate α
 * @param beta1 β₁
 * @param beta2 β₂
 * @param epsilon ε
 * @param weightDecay λ; 0: plain Adam
 * @param correction1 c₁ = 1 − β₁ᵗ, t = 1 at the first step
 * @param correction2 c₂ = 1 − β₂ᵗ
 */
export function adam(
  w: usize,
  m: usize,
  v: usize,
  dw: usize,
  length: i32,
  learningRate: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  weightDecay: f64,
  correction1: f64,
  correction2: f64,
): void {
  assert(length >= 0);
  const old1 = <f32>beta1;
  const old2 = <f32>beta2;
  const fresh1 = <f32>(1.0 - beta1);
  const fresh2 = <f32>(1.0 - beta2);
  const keep = <f32>(1.0 - learningRate * weightDecay);
  const rate = <f32>(learningRate / correction1);
  const scale = <f32>(1.0 / sqrt<f64>(correction2)); // √(v / c) = √v · 1/√c
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(dw + i);
    const kept1 = f32x4.mul(f32x4.splat(old1), v128.load(m + i));
    const mean = f32x4.add(kept1, f32x4.mul(f32x4.splat(fresh1), g));
    v128.store(m + i, mean);
    const kept2 = f32x4.mul(f32x4.splat(old2), v128.load(v + i));
    const square = f32x4.add(kept2, f32x4.mul(f32x4.mul(f32x4.splat(fresh2), g), g));
    v128.store(v + i, square);
    const scaled = f32x4.mul(f32x4.sqrt(square), f32x4.splat(scale));
    const root = f32x4.add(scaled, f32x4.splat(epsilon));
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), mean), root);
    v128.store(w + i, f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(w + i)), step));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(dw + i);
    const mean = old1 * load<f32>(m + i) + fresh1 * g;
    store<f32>(m + i, mean);
    const square = old2 * load<f32>(v + i) + fresh2 * g * g;
    store<f32>(v + i, square);
    const root = sqrt<f32>(square) * scale + epsilon;
    store<f32>(w + i, keep * load<f32>(w + i) - (rate * mean) / root);
  }
}
