/** Rounds of everything that takes memory and gives it back, in Node and in a page. */
import { createBackend, createModel, losses, namedModels, optimizers } from 'convlet';
import { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from 'convlet/formats';
import { createWorkerBackend } from 'convlet/worker';

const COUNT = 256;
const CLASSES = 10;
/** Bright squares, whose places are the classes. */
const data = {
  images: Uint8Array.from({ length: COUNT * 784 }, (_, at) => {
    const [n, row, column] = [Math.floor(at / 784), Math.floor((at % 784) / 28), at % 28];
    const label = n % CLASSES;
    return Math.floor(row / 14) === label % 2 && Math.floor(column / 6) === label >> 1 ? 255 : 0;
  }),
  labels: Uint8Array.from({ length: COUNT }, (_, n) => n % CLASSES),
  shape: [1, 28, 28],
  classes: CLASSES,
};
const spec = namedModels.reference([1, 28, 28], CLASSES);
const settings = () => ({
  batchSize: 64,
  optimizer: optimizers.adam(),
  loss: losses.categoricalCrossentropy(),
  checkpointEvery: 3,
});

/** A page's main thread may not wait for others; its worker may. */
const THREADS = globalThis.document === undefined ? [1, 2] : [1];

/** Rounds on backends that are renewed every `life` rounds, or never. */
export class Soak {
  #life;
  #rounds = 0;
  #local = [];
  #remote;

  constructor(life) {
    this.#life = life;
  }

  /** Trains, evaluates, predicts, saves, resumes and disposes, on one thread, on two, and in a worker. @returns a loss. */
  async round() {
    if (this.#rounds++ % this.#life === 0) await this.#renew();
    for (const backend of this.#local) await trainHere(backend);
    return trainInWorker(this.#remote);
  }

  async #renew() {
    for (const backend of [...this.#local, this.#remote]) backend?.dispose();
    this.#local = [];
    for (const threads of THREADS) this.#local.push(await createBackend({ threads }));
    this.#remote = await createWorkerBackend({ threads: 2 });
  }
}

async function trainHere(backend) {
  const model = createModel(backend, spec, { seed: 1 });
  const saved = [];
  const onCheckpoint = (checkpoint) => saved.push(encodeCheckpoint(checkpoint));
  await model.fit(data, { ...settings(), epochs: 2, validationData: data, onCheckpoint });
  model.evaluate(data);
  model.predict(data.images.subarray(0, 784));
  const file = decodeModel(encodeModel({ spec, seed: 1, weights: model.weights() }), 'soak');
  const other = createModel(backend, file.spec);
  other.setWeights(file.weights);
  const checkpoint = decodeCheckpoint(saved[0], 'soak');
  await other.fit(data, { ...settings(), epochs: 2, validationData: data, resume: checkpoint });
  other.dispose();
  model.dispose();
}

async function trainInWorker(backend) {
  const model = await backend.createModel(spec, { seed: 1 });
  await model.fit(data, { ...settings(), epochs: 1 });
  const { loss } = await model.evaluate(data);
  await model.dispose();
  return loss;
}
