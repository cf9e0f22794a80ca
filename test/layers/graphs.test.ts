/**
 * Random small networks whose layers branch and join: their gradients by central differences, through the memory plan of
 * training, where views, steps in place and several readers share storage.
 */
import { createModel, type LayerSpec, layers, type Model, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import type { Shape } from '../../src/base/types.ts';
import type { Shapes } from '../../src/layers/layer.ts';
import { definitionOf } from '../../src/layers/registry.ts';
import { useBackend } from '../support/network.ts';
import { testRandom, uniform } from '../support/random.ts';

const backend = useBackend();

const IMAGES = 5;
const INPUT = [2, 6, 5] as const;
const OUTPUTS = 3;
const STEP = 2 ** -7;
const TOLERANCE = 2e-3;

interface Value {
  readonly name: string;
  readonly shape: Shape;
}

/** A list of layers that grows at random. Every value is read in the end. */
class Graph {
  readonly layers: LayerSpec[] = [];
  /** The images. */
  readonly #values: Value[] = [{ name: 'input', shape: INPUT }];
  readonly #shapes = new Map<string, Shape>([['input', INPUT]]);
  readonly #random: () => number;

  constructor(random: () => number, count: number) {
    this.#random = random;
    this.#put(this.#convolution(this.#pick(this.#values)));
    while (this.layers.length < count) this.#grow(this.#pick(this.#values));
    this.#finish();
  }

  #grow(value: Value): void {
    const inputs = [value.name];
    const [channels = 0, height = 0, width = 0] = value.shape;
    const sameSize = this.#some(({ shape }) => shape.slice(1).join() === `${height},${width}`);
    const sameShape = this.#some(({ shape }) => shape.join() === value.shape.join());
    const candidates: (() => LayerSpec | undefined)[] = [
      () => this.#convolution(value),
      () => layers.identity({ inputs }),
      () => layers.tanh({ inputs }), // in place if nothing else reads its input
      () => (channels > 4 ? undefined : layers.concat({ inputs: sameSize })),
      () => layers.multiply({ inputs: sameShape }),
      () => layers.add({ inputs: sameShape }),
      () => (height > 9 ? undefined : layers.upsample2d({ size: [2, 1], inputs })),
      () => (height < 2 ? undefined : layers.crop2d({ cropping: [1, 0, 0, 0], inputs })),
      () => layers.zeroPad2d({ padding: [0, 1, 1, 0], inputs }),
      () => layers.reshape({ shape: [-1, width, height], inputs }),
      () => this.#excitation(value),
    ];
    const layer = this.#pick(candidates)();
    if (layer !== undefined) this.#put(layer);
  }

  #convolution({ name }: Value): LayerSpec {
    return layers.conv2d({ filters: 2, kernelSize: [1, 2], padding: 'same', inputs: [name] });
  }

  /** A channel's mean, bent, times the channel. */
  #excitation({ name }: Value): LayerSpec {
    const mean = this.#put(layers.globalAveragePool2d({ inputs: [name] }));
    const gate = this.#put(layers.sigmoid({ inputs: [mean] }));
    return layers.multiply({ inputs: this.#random() < 0.5 ? [name, gate] : [gate, name] });
  }

  /** A mean of every channel that nothing reads, side by side, and a dense layer. */
  #finish(): void {
    const read = new Set(this.layers.flatMap(({ inputs = [] }) => inputs));
    const ends = this.#values.filter(({ name }) => name !== 'input' && !read.has(name));
    const means = ends.map(({ name }) => `${name}.mean`);
    for (const { name } of ends) {
      this.layers.push(
        layers.averagePool2d({ poolSize: 2, ceilMode: true, inputs: [name] }),
        layers.globalAveragePool2d({ name: `${name}.mean` }),
      );
    }
    this.layers.push(
      layers.concat({ inputs: [...means, ...means.slice(0, 1)] }),
      layers.dense({ units: OUTPUTS, useBias: false }),
    );
  }

  /** @returns the name of the value */
  #put(layer: LayerSpec): string {
    const name = `v${this.layers.length}`;
    const shapes = layer.inputs?.map((input) => this.#shapes.get(input)) as unknown as Shapes; // all are known
    const shape = definitionOf(layer).outputShape(name, layer, shapes);
    this.layers.push({ ...layer, name });
    this.#shapes.set(name, shape);
    if (shape.length === 3) this.#values.push({ name, shape });
    return name;
  }

  /** Two or three names of values that fit, maybe one twice. */
  #some(fits: (value: Value) => boolean): string[] {
    const fitting = this.#values.filter(fits);
    const count = 2 + Math.floor(this.#random() * 2);
    return Array.from({ length: count }, () => this.#pick(fitting).name);
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error('internal: nothing to pick from');
    return item;
  }
}

const loss = 'meanSquaredError';

/** Gradients of all parameters, as what one step of size 1 takes off them. */
async function gradientsOf(model: Model, data: Parameters<Model['fit']>[0]) {
  const before = model.weights();
  const optimizer = optimizers.sgd({ learningRate: 1 });
  await model.fit(data, { epochs: 1, batchSize: IMAGES, loss, optimizer });
  const after = model.weights();
  model.setWeights(before);
  return Array.from(before, ([key, { data: weights }]) => {
    const stepped = after.get(key)?.data ?? [];
    return [key, weights.map((value, i) => value - (stepped[i] ?? Number.NaN))] as const;
  });
}

describe('random graphs', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => [seed + 1] as const))(
    'have the gradients of central differences: seed %i',
    async (seed) => {
      const random = testRandom(seed * 1_000_003);
      for (let i = 0; i < 20; i++) random(); // small seeds begin alike
      const graph = new Graph(random, 9 + (seed % 6));
      const spec = { inputShape: INPUT, layers: graph.layers };
      const data = {
        images: uniform(random, IMAGES * INPUT.reduce((product, size) => product * size, 1)),
        shape: INPUT,
        targets: uniform(random, IMAGES * OUTPUTS),
      };
      const model = createModel(backend(), spec, { seed });
      const gradients = await gradientsOf(model, data);
      let compared = 0;
      for (const [key, gradient] of gradients) {
        for (const [i, analytic] of gradient.entries()) {
          const lossAt = (step: number) => {
            const weights = model.weights();
            const tensor = weights.get(key);
            if (tensor === undefined) throw new Error(`internal: no ${key}`);
            const start = tensor.data[i] ?? 0;
            const moved = Math.fround(start + step);
            tensor.data[i] = moved;
            model.setWeights(weights);
            const result = model.evaluate(data, { loss });
            tensor.data[i] = start;
            model.setWeights(weights);
            return { loss: result.loss, moved };
          };
          const [up, down] = [lossAt(STEP), lossAt(-STEP)];
          const numeric = (up.loss - down.loss) / (up.moved - down.moved);
          const error = Math.abs(analytic - numeric);
          expect(
            error / Math.max(1, Math.abs(analytic), Math.abs(numeric)),
            `${key}[${i}] of ${JSON.stringify(graph.layers)}`,
          ).toBeLessThanOrEqual(TOLERANCE);
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(4);
    },
  );
});
