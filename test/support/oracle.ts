/** Whole networks in double precision, layer by layer: an oracle for random specs. */
import type { ModelSpec, Tensor } from 'convlet';
import { softmaxCrossEntropy } from 'convlet/reference';
import { type Batch, learning, type Numbers, runLayer, size, type Value } from './layerOracle.ts';

/** The layers but a last softmax, with the numbers of the values that each reads; 0 is the images. */
function wiringOf({ layers }: ModelSpec) {
  const places = new Map([['input', 0]]);
  const list = layers.at(-1)?.type === 'softmax' ? layers.slice(0, -1) : layers;
  return list.map((spec, index) => {
    const inputs = spec.inputs?.map((name) => places.get(name) ?? Number.NaN) ?? [index];
    if (spec.name !== undefined) places.set(spec.name, index + 1);
    return { spec, inputs, key: spec.name ?? String(index) };
  });
}

function forward(
  spec: ModelSpec,
  weights: ReadonlyMap<string, Tensor>,
  images: Numbers,
  training?: Batch,
) {
  const batch = images.length / size(spec.inputShape);
  const values: Value[] = [{ shape: spec.inputShape, data: Float64Array.from(images) }];
  const layers = wiringOf(spec).map(({ spec: layer, inputs, key }, index) => {
    const xs = inputs.map((place) => values[place] as Value); // made before it is read
    const parameter = (name: string) => weights.get(`${key}.${name}`)?.data ?? [];
    const draw = training && { ...training, layer: index, first: 0 };
    const call = { spec: layer, batch, xs, x: xs[0] as Value, parameter, training: draw };
    const result = runLayer(call);
    values.push({ shape: result.shape, data: result.y });
    return { ...result, spec: layer, inputs, key };
  });
  return { batch, values, layers, logits: values.at(-1)?.data ?? new Float64Array() };
}

/** The logits of evaluation, `[N, outputs]`. */
export function oracleLogits(
  spec: ModelSpec,
  weights: ReadonlyMap<string, Tensor>,
  images: Numbers,
): Float64Array {
  return forward(spec, weights, images).logits;
}

/**
 * Loss, gradients and new running statistics of one batch under cross-entropy, by the names of the parameters. The batch is
 * the first of a model's life.
 */
export function oracleStep(
  spec: ModelSpec,
  weights: ReadonlyMap<string, Tensor>,
  images: Numbers,
  labels: Numbers,
  seed: number = 1,
) {
  const training = { seed, epoch: 1, step: 0 };
  const { batch, values, layers, logits } = forward(spec, weights, images, training);
  const classes = logits.length / batch;
  const { losses, dx } = softmaxCrossEntropy(logits, labels, batch, classes, 1 / batch);
  const dys = values.map(({ data }) => new Float64Array(data.length));
  dys[layers.length]?.set(dx);
  const gradients = new Map<string, Float64Array>();
  const running = new Map<string, Float64Array>();
  for (const [index, layer] of [...layers.entries()].reverse()) {
    const back = layer.backward(dys[index + 1] ?? new Float64Array());
    for (const [i, place] of layer.inputs.entries()) {
      const own = back.dxs[i] ?? [];
      dys[place] = (dys[place] ?? new Float64Array()).map(
        (sum, at) => sum + (own[at] ?? Number.NaN),
      );
    }
    for (const [name, values] of Object.entries(learning(layer.spec, back))) {
      gradients.set(`${layer.key}.${name}`, values);
    }
    for (const [name, values] of Object.entries(layer.running ?? {})) {
      running.set(`${layer.key}.${name}`, values);
    }
  }
  const loss = losses.reduce((sum, value) => sum + value, 0) / batch;
  return { loss, gradients, running };
}
