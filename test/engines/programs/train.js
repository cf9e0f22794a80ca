/** What every engine runs: a named network, seed 1, batch 128, on the same digits, given as one run of bytes. */

const SHAPE = [1, 28, 28];
const PIXELS = 28 * 28;
const CLASSES = 10;

/**
 * @param convlet What the engine's own `import` of `convlet` gives; with what `convlet/worker` gives, a worker trains.
 * @param bytes As `digits.ts` writes them: all images, then all labels.
 * @param job As `engine.ts` describes it.
 */
export async function train(convlet, bytes, job) {
  const { model: name, optimizer, threads, epochs, images, wide = false } = job;
  const { createBackend, createModel, createWorkerBackend } = convlet;
  const backend = await (createWorkerBackend ?? createBackend)({ threads, wide });
  const spec = convlet.namedModels[name](SHAPE, CLASSES);
  const model = createWorkerBackend
    ? await backend.createModel(spec, { seed: 1 })
    : createModel(backend, spec, { seed: 1 });
  const history = await model.fit(datasetOf(bytes, images), {
    epochs,
    batchSize: 128,
    optimizer: convlet.optimizers[optimizer](),
  });
  const outcome = {
    threads: backend.threads, // those it has, whatever was asked for
    wide: backend.wide,
    weightsSha256: await model.weightsSha256(),
    milliseconds: history.epochs.map(({ seconds }) => seconds * 1000),
  };
  await model.dispose();
  backend.dispose();
  return outcome;
}

function datasetOf(bytes, images) {
  const count = bytes.length / (PIXELS + 1);
  const used = images ?? count;
  return {
    images: bytes.subarray(0, used * PIXELS),
    labels: bytes.subarray(count * PIXELS).subarray(0, used),
    shape: SHAPE,
    classes: CLASSES,
  };
}
