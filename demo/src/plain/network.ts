/** A network of plain layers, trained by gradient descent on softmax and cross-entropy. @module */
import type { ModelSpec, Tensor } from 'convlet';
import { layerOf, type PlainLayer, unknown } from './layers.ts';

export class PlainNetwork {
  readonly #layers: PlainLayer[] = [];
  readonly #classes: number;
  /** Milliseconds that the last forward pass took. */
  forwardTime = 0;

  /** Copies the weights. @throws {RangeError} on anything that there are no loops for. */
  constructor({ inputShape, normalize, layers }: ModelSpec, weights: ReadonlyMap<string, Tensor>) {
    if (normalize !== undefined) throw unknown('pixels that are normalized');
    if (layers.at(-1)?.type !== 'softmax') throw unknown('a network without softmax at its end');
    let shape = inputShape;
    for (const [index, spec] of layers.slice(0, -1).entries()) {
      if (spec.inputs !== undefined) throw unknown('a layer that names its inputs');
      const [weight, bias] = ['weight', 'bias'].map((name) =>
        weights.get(`${spec.name ?? index}.${name}`)?.data.slice(),
      );
      const layer = layerOf(spec, shape, weight, bias);
      this.#layers.push(layer);
      shape = layer.output;
    }
    this.#classes = shape[0] ?? 0;
  }

  /** One step on a batch. @returns the mean loss of the batch before the update. */
  step(images: Uint8Array, labels: ArrayLike<number>, learningRate: number): number {
    const batch = labels.length;
    const start = performance.now();
    let x: Float32Array = new Float32Array(images.length);
    for (let k = 0; k < images.length; k++) x[k] = (images[k] as number) / 255;
    for (const layer of this.#layers) x = layer.forward(x, batch);
    this.forwardTime = performance.now() - start;
    const { loss, gradient } = softmaxCrossEntropy(x, labels, this.#classes);
    let dy: Float32Array = gradient;
    for (const [depth, layer] of [...this.#layers.entries()].toReversed()) {
      dy = layer.backward(dy, batch, depth > 0);
    }
    for (const { parameters } of this.#layers) {
      for (const parameter of parameters) update(parameter, learningRate);
    }
    return loss;
  }
}

/** w −= α·dw, and dw is 0 again. */
function update({ value, gradient }: PlainLayer['parameters'][number], learningRate: number): void {
  for (let i = 0; i < value.length; i++) {
    value[i] = (value[i] as number) - learningRate * (gradient[i] as number);
  }
  gradient.fill(0);
}

/** Mean of −log p of the right class, and its gradient by the logits, (p − 1 of the right class) / N. */
function softmaxCrossEntropy(logits: Float32Array, labels: ArrayLike<number>, classes: number) {
  const batch = labels.length;
  const gradient = new Float32Array(logits.length);
  let loss = 0;
  for (let n = 0; n < batch; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const most = row.reduce((a, b) => Math.max(a, b));
    const exponentials = Float64Array.from(row, (value) => Math.exp(value - most));
    const sum = exponentials.reduce((a, b) => a + b);
    const label = labels[n] as number;
    loss += most + Math.log(sum) - (row[label] as number);
    for (const [k, value] of exponentials.entries()) {
      gradient[n * classes + k] = (value / sum - (k === label ? 1 : 0)) / batch;
    }
  }
  return { loss: loss / batch, gradient };
}
