/**
 * `node fitInFolder.js FOLDER`: the run that the file `run` in a folder says, a `Case` of controls.ts. It keeps its checkpoints
 * in that folder and goes on from the last one.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { deserialize } from 'node:v8';
import { createBackend, createModel } from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/formats';

const [folder = ''] = process.argv.slice(2);
const { task, options } = deserialize(readFileSync(join(folder, 'run')));
const path = join(folder, 'checkpoint.convlet');
const unfinished = join(folder, '.checkpoint.convlet.unfinished');
const resume = existsSync(path) ? decodeCheckpoint(readFileSync(path), path) : undefined;

const model = createModel(await createBackend(), task.spec, { seed: 3 });
const { epochs, bestEpoch } = await model.fit(task.data, {
  ...options,
  resume,
  onCheckpoint(checkpoint) {
    writeFileSync(unfinished, encodeCheckpoint(checkpoint));
    renameSync(unfinished, path);
  },
  onEpochEnd: () => setTimeout(3), // time to be killed in
});
const figures = epochs.map(({ seconds: _, imagesPerSecond: __, ...rest }) => rest);
const weightsSha256 = await model.weightsSha256();
console.log(JSON.stringify({ weightsSha256, bestEpoch, figures }));
process.exit();
