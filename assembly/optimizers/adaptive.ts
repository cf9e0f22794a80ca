/**
 * Optimizers that divide by a running root mean square, each parameter by its own. w, dw, v, u: f32[length]. Blocks do not
 * overlap; dw is not changed. Each update is one pass, element by element, so a part of a block can be updated alone.
 *
 *   rmspropMomentum   v[i] = ρ·v[i] + (1 − ρ)·dw[i]²         u[i]  = µ·u[i] + dw[i] / (√v[i] + ε)
 *                                                            w[i] -= α·u[i]
 *   adagrad           v[i] = v[i] + dw[i]²                   w[i] -= α·dw[i] / (√v[i] + ε)
 *   adadelta          v[i] = ρ·v[i] + (1 − ρ)·dw[i]²         d     = dw[i]·√(u[i] + ε) / √(v[i] + ε)
 *                     u[i] = ρ·u[i] + (1 − ρ)·d²             w[i] -= α·d, with the u before this step in d
 *
 * RMSprop: Hinton, "Neural networks for machine learning", lecture 6e (2012), with momentum as PyTorch has it. Adagrad: Duchi,
 * Hazan & Singer, "Adaptive subgradient methods for online learning and stochastic optimization" (2011), figure 1, diagonal.
 * Adadelta: Zeiler, "ADADELTA: an adaptive learning rate method" (2012), algorithm 1, times α.
 *
 * Decays close to 1 are f64 arguments, so that 1 − ρ is computed before rounding. All arithmetic on blocks is f32.
 */

/**
 * v = rho·v + (1 − rho)·dw², u = mu·u + dw / (√v + epsilon), w -= learningRate·u
 *
 * @updates w, v, u
 * @param learningRate α
 * @param mu µ
 * @param rho ρ
 * @param epsilon ε
 */
export function rmspropMomentum(
  w: usize,
  v: usize,
  u: usize,
  dw: usize,
  length: i32,
  learningRate: f32,
  mu: f32,
  rho: f64,
  epsilon: f32,
): void {
  assert(length >= 0);
  const old = <f32>rho;
  const fresh = <f32>(1.0 - rho);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(dw + i);
    const kept = f32x4.mul(f32x4.splat(old), v128.load(v + i));
    const square = f32x4.add(kept, f32x4.mul(f32x4.mul(f32x4.splat(fresh), g), g));
    v128.store(v + i, square);
    const root = f32x4.add(f32x4.sqrt(square), f32x4.splat(epsilon));
    const before = f32x4.mul(f32x4.splat(mu), v128.load(u + i));
    const velocity = f32x4.add(before, f32x4.div(g, root));
    v128.store(u + i, velocity);
    const step = f32x4.mul(f32x4.splat(learningRate), velocity);
    v128.store(w + i, f32x4.sub(v128.load(w + i), step));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(dw + i);
    const square = old * load<f32>(v + i) + fresh * g * g;
    store<f32>(v + i, square);
    const velocity = mu * load<f32>(u + i) + g / (sqrt<f32>(square) + epsilon);
    store<f32>(u + i, velocity);
    store<f32>(w + i, load<f32>(w + i) - learningRate * velocity);
  }
}

/**
 * v += dw², w -= learningRate·dw / (√v + epsilon)
 *
 * @updates w, v
 * @param learningRate α
 * @param epsilon ε
 */
export function adagrad(
  w: usize,
  v: usize,
  dw: usize,
  length: i32,
  learningRate: f32,
  epsilon: f32,
): void {
  assert(length >= 0);
  const rate = f32x4.splat(learningRate);
  const end = (<usize>length) << 2;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(dw + i);
    const sum = f32x4.add(v128.load(v + i), f32x4.mul(g, g));
    v128.store(v + i, sum);
    const root = f32x4.add(f32x4.sqrt(sum), f32x4.splat(epsilon));
    v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.div(f32x4.mul(rate, g), root)));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(dw + i);
    const sum = load<f32>(v + i) + g * g;
    store<f32>(v + i, sum);
    store<f32>(w + i, load<f32>(w + i) - (learningRate * g) / (sqrt<f32>(sum) + epsilon));
  }
}

/**
 * v = rho·v + (1 − rho)·dw², d = dw·√(u + epsilon) / √(v + epsilon), u = rho·u + (1 − rho)·d², w -= learningRate·d
 *
 * @updates w, v, u
 * @param learningRate α
 * @param rho ρ
 * @param epsilon ε
 */
export function adadelta(
  w: usize,
  v: usize,
  u: usize,
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
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(dw + i);
    const square = f32x4.add(
      f32x4.mul(olds, v128.load(v + i)),
      f32x4.mul(f32x4.mul(freshes, g), g),
    );
    v128.store(v + i, square);
    const before = v128.load(u + i);
    const root = f32x4.sqrt(f32x4.add(square, epsilons));
    const step = f32x4.mul(f32x4.div(f32x4.sqrt(f32x4.add(before, epsilons)), root), g);
    const moved = f32x4.mul(f32x4.mul(freshes, step), step);
    v128.store(u + i, f32x4.add(f32x4.mul(olds, before), moved));
    v128.store(w + i, f32x4.sub(v128.load(w + i), f32x4.mul(rate, step)));
  }
  for (; i < end; i += 4) {
    const g = load<f32>(dw + i);
    const square = old * load<f32>(v + i) + fresh * g * g;
    store<f32>(v + i, square);
    const before = load<f32>(u + i);
    const step = (sqrt<f32>(before + epsilon) / sqrt<f32>(square + epsilon)) * g;
    store<f32>(u + i, old * before + fresh * step * step);
    store<f32>(w + i, load<f32>(w + i) - learningRate * step);
  }
}
