/**
 * Trains. If it was killed, the next start goes on from the last checkpoint:
 *
 *   node examples/resume.js [checkpoint.convlet]
 *
 * The weights are the same bytes, however often it was killed.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/formats';
import { loadMnist, writeFileAtomic } from 'convlet/node';

const path = process.argv[2] ?? 'checkpoint.convlet';
const resume = existsSync(path) ? decodeCheckpoint(await readFile(path), path) : undefined;
const { train } = await loadMnist();
const model = createModel(await createBackend(), namedModels.reference(train.shape, train.classes));
await model.fit(train, {
  epochs: 5,
  optimizer: optimizers.momentum(),
  resume,
  checkpointEvery: 10,
  onCheckpoint: (checkpoint) => writeFileAtomic(path, encodeCheckpoint(checkpoint)),
  onEpochEnd: ({ epoch, loss }) => console.log(`epoch ${epoch}: loss ${loss}`),
});
console.log(`weights ${await model.weightsSha256()}`);
model.dispose();
