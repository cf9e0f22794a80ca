/** What every engine runs: the reference network, seed 1, batch 128, on the same digits, given as one run of bytes. */

const SHAPE = [1, 28, 28];
const PIXELS = 28 * 28;
const CLASSES = 10;

/**
 * @param convlet What the engine's own `import` of `convlet` gives.
 * @param bytes As `digits.ts` writes them: all images, then all labels.
 */
export async function train(convlet, bytes, threads, epochs) {
  const backend = await convlet.createBackend({ threads });
  const spec = convlet.namedModels.reference(SHAPE, CLASSES);
  const model = convlet.createModel(backend, spec, { seed: 1 });
  const history = await model.fit(datasetOf(bytes), {
    epochs,
    batchSize: 128,
    optimizer: convlet.optimizers.sgd({ learningRate: 0.01 }),
  });
  const outcome = {
    threads: backend.threads, // those it has, whatever was asked for
    weightsSha256: await model.weightsSha256(),
    milliseconds: history.epochs.map(({ seconds }) => seconds * 1000),
  };
  model.dispose();
  backend.dispose();
  return outcome;
}

function datasetOf(bytes) {
  const count = bytes.length / (PIXELS + 1);
  return {
    images: bytes.subarray(0, count * PIXELS),
    labels: bytes.subarray(count * PIXELS),
    shape: SHAPE,
    classes: CLASSES,
  };
}
