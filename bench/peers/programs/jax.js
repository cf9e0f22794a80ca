/**
 * jax-js with its `wasm` backend, and the whole step under `jit`. Argument: FOLDER.
 *
 * Arrays in jax-js are counted references: a function uses up its arguments, and `.ref` keeps one for another use.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serve, stepwise } from '../protocol.js';

await serve(async (work) => {
  const jax = await import('@jax-js/jax');
  const { numpy: np, nn, lax } = jax;
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const [learningRate, variant] = [work.learningRate, process.argv[3] ?? 'window'];

  const logits = ({ w, b, v, c }, x) => {
    const conv = lax.conv(x, w, [1, 1], 'VALID').add(b.reshape([1, 12, 1, 1]));
    const y = np.where(conv.ref.greater(0), conv, 0);
    const pooled =
      variant === 'window'
        ? lax.reduceWindow(y, np.max, [2, 2], [2, 2])
        : np.max(y.reshape([x.shape[0], 12, 13, 2, 13, 2]), [3, 5]);
    return np.matmul(pooled.reshape([-1, 2028]), np.transpose(v)).add(c);
  };
  const lossOf = (parameters, x, target) => {
    const y = logits(parameters, x);
    const loss = nn
      .logSoftmax(y.ref, 1)
      .mul(target)
      .sum()
      .mul(-1 / work.batchSize);
    return [loss, y];
  };
  const step = jax.jit((parameters, x, target) => {
    const kept = Object.fromEntries(Object.entries(parameters).map(([k, p]) => [k, p.ref]));
    const [[loss, y], gradient] = jax.valueAndGrad(lossOf, { hasAux: true })(kept, x, target);
    const updated = Object.entries(parameters).map(([k, p]) => [
      k,
      p.sub(gradient[k].mul(learningRate)),
    ]);
    return [Object.fromEntries(updated), loss, np.argmax(y, 1)];
  });
  let parameters;
  const about = fileURLToPath(new URL('../package.json', import.meta.resolve('@jax-js/jax')));
  return stepwise(work, {
    version: JSON.parse(readFileSync(about, 'utf8')).version,
    reset() {
      const get = (key) =>
        np.array(work.weights.get(key).data).reshape(work.weights.get(key).shape);
      parameters = { w: get('0.weight'), b: get('0.bias'), v: get('4.weight'), c: get('4.bias') };
    },
    async step(x, y) {
      const target = new Float32Array(y.length * 10);
      for (const [n, label] of y.entries()) target[n * 10 + label] = 1;
      const inputs = [np.array(x).reshape([-1, 1, 28, 28]), np.array(target).reshape([-1, 10])];
      const [updated, loss, predictions] = step(parameters, ...inputs);
      parameters = updated;
      const predicted = await predictions.data();
      const correct = y.reduce((sum, label, n) => sum + (predicted[n] === label ? 1 : 0), 0);
      return { loss: (await loss.data())[0], correct };
    },
  });
});
