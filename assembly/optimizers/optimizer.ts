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
 *
 * Loops over elements take two vectors a turn and store at its end, here and in kernels such as ReLU: V8 can join the two into one
 * of 256 bits (docs/performance.md). Measured without that, Node 20: 1.15 times as fast for adam, 1.4 for ReLU.
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
  const pairEnd = end & ~31;
  const slicesEnd = <usize>slices * stride;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    let sum0 = v128.load(y + i);
    let sum1 = v128.load(y + i, 16);
    for (let s: usize = 0; s < slicesEnd; s += stride) {
      sum0 = f32x4.add(sum0, v128.load(x + i + s));
      sum1 = f32x4.add(sum1, v128.load(x + i + s, 16));
    }
    v128.store(y + i, sum0);
    v128.store(y + i, sum1, 16);
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
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const w0 = f32x4.sub(v128.load(w + i), f32x4.mul(rate, v128.load(dw + i)));
    const w1 = f32x4.sub(v128.load(w + i, 16), f32x4.mul(rate, v128.load(dw + i, 16)));
    v128.store(w + i, w0);
    v128.store(w + i, w1, 16);
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
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const v0 = f32x4.add(f32x4.mul(keep, v128.load(v + i)), v128.load(dw + i));
    const v1 = f32x4.add(f32x4.mul(keep, v128.load(v + i, 16)), v128.load(dw + i, 16));
    const w0 = f32x4.sub(v128.load(w + i), f32x4.mul(rate, v0));
    const w1 = f32x4.sub(v128.load(w + i, 16), f32x4.mul(rate, v1));
    v128.store(v + i, v0);
    v128.store(v + i, v1, 16);
    v128.store(w + i, w0);
    v128.store(w + i, w1, 16);
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
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const g0 = v128.load(dw + i);
    const g1 = v128.load(dw + i, 16);
    const v0 = f32x4.add(f32x4.mul(keep, v128.load(v + i)), g0);
    const v1 = f32x4.add(f32x4.mul(keep, v128.load(v + i, 16)), g1);
    const step0 = f32x4.mul(rate, f32x4.add(g0, f32x4.mul(keep, v0)));
    const step1 = f32x4.mul(rate, f32x4.add(g1, f32x4.mul(keep, v1)));
    const w0 = f32x4.sub(v128.load(w + i), step0);
    const w1 = f32x4.sub(v128.load(w + i, 16), step1);
    v128.store(v + i, v0);
    v128.store(v + i, v1, 16);
    v128.store(w + i, w0);
    v128.store(w + i, w1, 16);
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
  const olds = f32x4.splat(old);
  const freshes = f32x4.splat(fresh);
  const epsilons = f32x4.splat(epsilon);
  const rate = f32x4.splat(learningRate);
  const end = (<usize>length) << 2;
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const g0 = v128.load(dw + i);
    const g1 = v128.load(dw + i, 16);
    const kept0 = f32x4.mul(olds, v128.load(v + i));
    const kept1 = f32x4.mul(olds, v128.load(v + i, 16));
    const v0 = f32x4.add(kept0, f32x4.mul(f32x4.mul(freshes, g0), g0));
    const v1 = f32x4.add(kept1, f32x4.mul(f32x4.mul(freshes, g1), g1));
    const root0 = f32x4.add(f32x4.sqrt(v0), epsilons);
    const root1 = f32x4.add(f32x4.sqrt(v1), epsilons);
    const w0 = f32x4.sub(v128.load(w + i), f32x4.div(f32x4.mul(rate, g0), root0));
    const w1 = f32x4.sub(v128.load(w + i, 16), f32x4.div(f32x4.mul(rate, g1), root1));
    v128.store(v + i, v0);
    v128.store(v + i, v1, 16);
    v128.store(w + i, w0);
    v128.store(w + i, w1, 16);
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
  const pairEnd = end & ~31;
  let i: usize = 0;
  for (; i < pairEnd; i += 32) {
    const g0 = v128.load(dw + i);
    const g1 = v128.load(dw + i, 16);
    const old10 = f32x4.mul(f32x4.splat(old1), v128.load(m + i));
    const old11 = f32x4.mul(f32x4.splat(old1), v128.load(m + i, 16));
    const m0 = f32x4.add(old10, f32x4.mul(f32x4.splat(fresh1), g0));
    const m1 = f32x4.add(old11, f32x4.mul(f32x4.splat(fresh1), g1));
    const old20 = f32x4.mul(f32x4.splat(old2), v128.load(v + i));
    const old21 = f32x4.mul(f32x4.splat(old2), v128.load(v + i, 16));
    const v0 = f32x4.add(old20, f32x4.mul(f32x4.mul(f32x4.splat(fresh2), g0), g0));
    const v1 = f32x4.add(old21, f32x4.mul(f32x4.mul(f32x4.splat(fresh2), g1), g1));
    const scaled0 = f32x4.mul(f32x4.sqrt(v0), f32x4.splat(scale));
    const scaled1 = f32x4.mul(f32x4.sqrt(v1), f32x4.splat(scale));
    const root0 = f32x4.add(scaled0, f32x4.splat(epsilon));
    const root1 = f32x4.add(scaled1, f32x4.splat(epsilon));
    const step0 = f32x4.div(f32x4.mul(f32x4.splat(rate), m0), root0);
    const step1 = f32x4.div(f32x4.mul(f32x4.splat(rate), m1), root1);
    const w0 = f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(w + i)), step0);
    const w1 = f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(w + i, 16)), step1);
    v128.store(m + i, m0);
    v128.store(m + i, m1, 16);
    v128.store(v + i, v0);
    v128.store(v + i, v1, 16);
    v128.store(w + i, w0);
    v128.store(w + i, w1, 16);
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
