/** Files of format 1, as convlet 0.1.0 wrote them (test/formats/fixtures), are still read, and training goes on from them. */
import { readFileSync } from 'node:fs';
import { createModel } from 'convlet';
import { decodeCheckpoint, decodeModel } from 'convlet/node';
import { expect, it } from 'vitest';
import { useBackend } from '../support/network.ts';

const backend = useBackend();
const file = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** Of the weights after three epochs, as 0.1.0 trained them. */
const SHA256 = '385a3bfde625f0cd525279beb570975c137c67759c78c2aa5f1569acd2e68148';

const data = {
  images: Uint8Array.from({ length: 20 * 36 }, (_, i) => (i * i * 37) % 256),
  labels: Uint8Array.from({ length: 20 }, (_, i) => i % 3),
  shape: [1, 6, 6],
  classes: 3,
};

it('reads a model of 0.1.0', async () => {
  const { spec, seed, weights, loss } = decodeModel(file('model-1.safetensors'), 'f');
  const model = createModel(backend(), spec, { seed });
  model.setWeights(weights);
  expect(await model.weightsSha256()).toBe(SHA256);
  expect(loss).toBeUndefined();
});

it('resumes a checkpoint of 0.1.0, and ends with the same bytes', async () => {
  const checkpoint = decodeCheckpoint(file('checkpoint-1.convlet'), 'f');
  expect(checkpoint).toMatchObject({
    loss: { type: 'categoricalCrossentropy' },
    metrics: ['accuracy'],
    begun: { step: 2, metrics: { accuracy: [6] } },
    history: [{ epoch: 1, accuracy: 0.3, validationAccuracy: 0.35 }],
    settings: { note: 'format 1' },
  });
  const { spec, seed } = checkpoint;
  const model = createModel(backend(), spec, { seed });
  const { epochs } = await model.fit(data, {
    epochs: 3,
    validationData: data,
    resume: checkpoint,
  });
  expect(epochs).toHaveLength(3);
  expect(await model.weightsSha256()).toBe(SHA256);
});
