/** Models in files: what `loadModel` reads is what `saveModel` wrote, ready to use. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, createModel, layers, losses, type ModelSpec } from 'convlet';
import { encodeCheckpoint, encodeModel, loadModel as loadFromBytes } from 'convlet/formats';
import { loadModel, saveModel } from 'convlet/node';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { temporaryFolders } from '../support/folder.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const newFolder = temporaryFolders();
const data = strokes(40);

const branched: ModelSpec = {
  inputShape: [1, 12, 12],
  normalize: { mean: [0.1], deviation: [0.3] },
  layers: [
    layers.conv2d({ filters: 4, kernelSize: 3, padding: 1, name: 'conv', trainable: false }),
    layers.batchNorm({ name: 'norm' }),
    layers.prelu({ name: 'bent' }),
    layers.add({ inputs: ['bent', 'conv'] }),
    layers.globalAveragePool2d(),
    layers.dense({ units: 10, kernelInitializer: { uniform: 0.1 } }),
    layers.softmax(),
  ],
};

describe('a saved model', () => {
  it.each([
    ['a chain', spec],
    ['branches', branched],
  ])('has the network, weights, seed and loss of the model: %s', async (_name, network) => {
    const path = join(newFolder(), 'model.safetensors');
    const loss = losses.categoricalCrossentropy({ labelSmoothing: 0.2, classWeights: 'balanced' });
    const model = createModel(backend(), network, { seed: 12 });
    await model.fit(data, { loss, batchSize: 16 });
    await saveModel(model, path);
    expect(readdirSync(join(path, '..'))).toEqual(['model.safetensors']);
    for (const read of [
      await loadModel(backend(), path),
      loadFromBytes(backend(), readFileSync(path)),
    ]) {
      expect(read.spec).toEqual(model.spec);
      expect(read.seed).toBe(12);
      expect(read.loss).toEqual(model.loss);
      expect(await read.weightsSha256()).toBe(await model.weightsSha256());
      expect([...read.weights().keys()]).toEqual([...model.weights().keys()]);
      expect(read.evaluate(data)).toEqual(model.evaluate(data));
      expect(read.predict(data.images)).toEqual(model.predict(data.images));
    }
  });

  it('is written with the options of encodeModel', async () => {
    const path = join(newFolder(), 'model.safetensors');
    const model = createModel(backend(), spec);
    await saveModel(model, path, { dtype: 'f16' });
    expect(new Uint8Array(readFileSync(path))).toEqual(encodeModel(model, { dtype: 'f16' }));
    await expect(saveModel(model, path, { dtyp: 'f16' } as never)).rejects.toThrow(
      'expected options of dtype, got "dtyp". Use dtype.',
    );
  });

  it('replaces a file of its name, and trains on', async () => {
    const path = join(newFolder(), 'model.safetensors');
    const model = createModel(backend(), spec);
    await saveModel(model, path);
    await model.fit(data);
    await saveModel(model, path);
    const read = await loadModel(backend(), path);
    expect(await read.weightsSha256()).toBe(await model.weightsSha256());
    const [epoch] = (await read.fit(data)).epochs;
    expect(epoch?.loss).toBeCloseTo(model.evaluate(data).loss, 5);
  });

  it('is the average if it is read from a checkpoint with one', async () => {
    const path = join(newFolder(), 'checkpoint.convlet');
    const model = createModel(backend(), branched, { seed: 12 });
    let last: Checkpoint | undefined;
    await model.fit(data, {
      epochs: 3,
      batchSize: 16,
      averageWeights: {},
      earlyStopping: { patience: 9, monitor: 'loss', restoreBest: false },
      onCheckpoint: (checkpoint) => {
        last = checkpoint;
      },
    });
    writeFileSync(path, encodeCheckpoint(last as Checkpoint));
    const read = await loadModel(backend(), path);
    expect(await read.weightsSha256()).toBe(await model.weightsSha256());
    expect(read.weights()).not.toEqual(last?.weights);
  });
});

describe('a model is refused', () => {
  it('if its file is not there, or no model, by its name', async () => {
    const folder = newFolder();
    await expect(loadModel(backend(), join(folder, 'none'))).rejects.toThrow(
      'none: expected a file',
    );
    writeFileSync(join(folder, 'text'), 'a text');
    await expect(loadModel(backend(), join(folder, 'text'))).rejects.toThrow('text: ');
    const model = createModel(backend(), spec);
    await expect(saveModel(model, join(folder, 'no/model'))).rejects.toThrow('no/model: expected');
  });
});
