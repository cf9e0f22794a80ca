/** Training controls in a worker: the same bytes and figures as on this side, also when a run changes sides. */
import {
  type Checkpoint,
  createModel,
  type Dataset,
  type FitOptions,
  type History,
  type Model,
} from 'convlet';
import { createWorkerBackend, type RemoteModel, type WorkerBackend } from 'convlet/worker';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Case, cases, untimed } from '../support/controls.ts';
import { useBackend } from '../support/network.ts';

const local = useBackend();
let remote: WorkerBackend;
beforeAll(async () => {
  remote = await createWorkerBackend();
});
afterAll(() => remote.dispose());

/** All that a run comes to. */
async function resultOf(model: Model | RemoteModel, history: History, { task, parts }: Case) {
  const { images } = task.test;
  return {
    sha256: await model.weightsSha256(),
    weights: await model.weights(),
    epochs: history.epochs.map(untimed),
    bestEpoch: history.bestEpoch,
    evaluation: await model.evaluate(task.test as Dataset, { batchSize: parts[0] ?? 1 }),
    prediction: await model.predict(images, { outputs: ['left'] }),
    classes: await model.predictClasses(images),
    summary: await model.summary(),
  };
}

/** Trains; with warnings, which do not change the bytes. */
async function run(model: Model | RemoteModel, given: Case, options: FitOptions = given.options) {
  const heard: string[] = [];
  const onWarning = (text: string) => void heard.push(text);
  const history = await model.fit(given.task.data, { ...options, onWarning });
  return { heard, ...(await resultOf(model, history, given)) };
}

const here = ({ task }: Case) => createModel(local(), task.spec, { seed: 3 });
const there = ({ task }: Case) => remote.createModel(task.spec, { seed: 3 });

it('gives what the same run gives on this side, under any controls', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      expect(await run(await there(given), given)).toEqual(await run(here(given), given));
    }),
    { seed: 4, numRuns: 20 },
  );
});

it('goes on from a checkpoint of the other side', async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.boolean(), async (given, beginsThere) => {
      const [first, second] = beginsThere
        ? [await there(given), here(given)]
        : [here(given), await there(given)];
      let resume: Checkpoint | undefined;
      const { epochs, validationData } = given.options;
      await first.fit(given.task.data, {
        ...given.options,
        maxSteps: given.parts[0] ?? 1,
        onCheckpoint: (checkpoint: Checkpoint) => {
          resume = checkpoint;
        },
      });
      const rest = { epochs: epochs ?? 1, ...(validationData && { validationData }), resume };
      const { heard: _, ...result } = await run(second, given, rest);
      const { heard: __, ...whole } = await run(here(given), given);
      expect(result).toEqual(whole);
    }),
    { seed: 5, numRuns: 20 },
  );
});
