/** One rank of the scaling study: times exchanges of several sizes, or steps of training. Rank 0 prints one JSON line. */
import { createBackend, createModel, layers, namedModels } from '../../dist/index.js';
import { joinMpi } from '../../dist/mpi.js';

const task = JSON.parse(process.argv[2]);
const communicator = await joinMpi();
const { rank, size } = communicator;
const result = task.type === 'link' ? timeLink(task) : await timeTraining(task);
if (rank === 0) console.log(JSON.stringify(result));
communicator.leave();

/** Seconds until every rank has so many bytes, of which each had its part. */
function timeLink({ sizes, repeats }) {
  return sizes.map((bytes) => {
    const array = new Uint8Array(new ArrayBuffer(bytes));
    const bounds = Array.from({ length: size + 1 }, (_, r) => Math.ceil((r * bytes) / size));
    const times = Array.from({ length: repeats + 1 }, () => {
      const begin = performance.now();
      communicator.gather(array, bounds);
      while (!communicator.isDone(1000));
      return secondsSince(begin);
    });
    return { bytes, seconds: median(times.slice(1)) };
  });
}

/** Seconds of a step of training, with the other ranks or each for itself. */
async function timeTraining({ network, batch, steps, isShared }) {
  const { spec, shape, classes } = networkOf(network);
  const pixels = shape.reduce((product, side) => product * side, 1);
  const images = Uint8Array.from({ length: 2 * batch * pixels }, (_, i) => (i * 7919) % 251);
  const labels = Uint8Array.from({ length: 2 * batch }, (_, i) => i % classes);
  const backend = await createBackend();
  const model = createModel(backend, spec);
  const times = [];
  let last = performance.now();
  await model.fit(
    { images, labels, shape, classes },
    {
      epochs: Math.ceil((steps + 2) / 2),
      batchSize: batch,
      ...(isShared ? { distributed: communicator } : {}),
      onStepEnd() {
        times.push(secondsSince(last));
        last = performance.now();
      },
    },
  );
  const { parameterCount: parameters } = model;
  backend.dispose();
  return { network, batch, seconds: median(times.slice(2)), parameters };
}

function networkOf(name) {
  const [shape, classes] = [[1, 28, 28], 10];
  if (name !== 'wide') return { spec: namedModels[name](shape, classes), shape, classes };
  // ten million parameters, nearly all of them in dense layers
  const spec = {
    inputShape: shape,
    layers: [
      layers.flatten(),
      layers.dense({ units: 2560 }),
      layers.relu(),
      layers.dense({ units: 3072 }),
      layers.relu(),
      layers.dense({ units: classes }),
    ],
  };
  return { spec, shape, classes };
}

function secondsSince(begin) {
  return (performance.now() - begin) / 1000;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
