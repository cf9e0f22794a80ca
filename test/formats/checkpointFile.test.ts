/** A checkpoint is read back whole; a damaged file is refused (rows of "Model files and checkpoints"). */
import { type Checkpoint, createModel, layers, optimizers } from 'convlet';
import { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from 'convlet/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal } from '../../src/formats/convlet/seal.ts';
import {
  decodeWithDoubles,
  type Entry,
  encodeSafetensors,
} from '../../src/formats/safetensors/safetensors.ts';
import { expectCutsRefused, readFlippedBits, refuseRandomDamage } from '../support/damage.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();
const spec = {
  inputShape: [1, 3, 3],
  layers: [
    layers.conv2d({ filters: 2, kernelSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
    layers.softmax(),
  ],
};
const data = {
  images: Uint8Array.from({ length: 9 * 20 }, (_, i) => (i * 37) % 251),
  labels: Uint8Array.from({ length: 20 }, (_, i) => i % 2),
  shape: [1, 3, 3],
  classes: 2,
};

/** In the second epoch, after two of its five steps. */
async function checkpointOf(optimizer = optimizers.adam(), isMeasured = true): Promise<Checkpoint> {
  const checkpoints: Checkpoint[] = [];
  await createModel(backend(), spec, { seed: 7 }).fit(data, {
    epochs: 3,
    batchSize: 4,
    optimizer,
    maxSteps: 7,
    ...(isMeasured && { validationData: data }),
    onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
  });
  const last = checkpoints.at(-1);
  if (last === undefined) throw new Error('internal: no checkpoint');
  return last;
}

const read = (bytes: Uint8Array) => decodeCheckpoint(bytes, 'f');
const whole = async () => encodeCheckpoint(await checkpointOf());

/** The file after a change, with a checksum of its own. */
async function changed(
  edit: (entries: Map<string, Entry[1]>, metadata: Record<string, string>) => void,
): Promise<Uint8Array> {
  const { tensors, metadata } = decodeWithDoubles(await whole(), 'f');
  const { 'convlet.crc32': _, ...rest } = metadata;
  edit(tensors, rest);
  return encodeSafetensors(tensors, seal([...tensors], rest));
}

/** The file with something else in its JSON. */
const detailed = (change: object) =>
  changed((_entries, metadata) => {
    const details: object = JSON.parse(metadata['convlet.checkpoint'] ?? '');
    metadata['convlet.checkpoint'] = JSON.stringify({ ...details, ...change });
  });

describe('encodeCheckpoint', () => {
  it.each([
    [optimizers.sgd(), true],
    [optimizers.momentum(), false],
    [optimizers.adam(), true],
    [optimizers.rmsprop(), false],
  ] as const)('is read back to the last bit: %j, validated: %s', async (optimizer, isMeasured) => {
    const checkpoint = {
      ...(await checkpointOf(optimizer as never, isMeasured)),
      settings: { a: [1, 'ä'], b: null },
    };
    const bytes = encodeCheckpoint(checkpoint);
    expect(read(bytes)).toEqual(checkpoint);
    expect(encodeCheckpoint(read(bytes))).toEqual(bytes);
  });

  it('holds the history of 100,000 epochs', async () => {
    const checkpoint = await checkpointOf();
    const [first] = checkpoint.history;
    if (first === undefined) throw new Error('internal: no epoch');
    const history = Array.from({ length: 100_000 }, (_, i) => ({ ...first, epoch: i + 1 }));
    expect(read(encodeCheckpoint({ ...checkpoint, history })).history).toEqual(history);
  });

  it('writes a safetensors file with the model in it', async () => {
    const checkpoint = await checkpointOf();
    const bytes = encodeCheckpoint(checkpoint);
    const { tensors } = decodeWithDoubles(bytes, 'f');
    expect(Array.from(tensors, ([name, { shape }]) => [name, shape])).toEqual([
      ['0.weight', [2, 1, 2, 2]],
      ['0.bias', [2]],
      ['2.weight', [2, 8]],
      ['2.bias', [2]],
      ['optimizer.0', [28]],
      ['optimizer.1', [28]],
      ['history', [1, 6]],
    ]);
    const { seed, weights, loss } = checkpoint;
    expect(decodeModel(bytes, 'f')).toEqual({ spec, seed, weights, loss });
  });
});

describe('decodeCheckpoint', () => {
  it('refuses a file cut at any byte, or one byte longer', async () => {
    expectCutsRefused(await whole(), read);
  });

  it('refuses a file with any bit flipped', async () => {
    expect(readFlippedBits(await whole(), read)).toBe(0);
  });

  it('gives the checkpoint or a named error after 10,000 random changes', async () => {
    expect(refuseRandomDamage(await whole(), read)).toBeGreaterThan(9500);
  });

  it('gives a checkpoint or a named error for 10,000 checkpoints from elsewhere', async () => {
    const number = fc.oneof(fc.nat(9), fc.constantFrom(-1, 0.5, 2 ** 40, 1e300, null, '1', [], {}));
    const optimizer = fc.oneof(
      fc.constantFrom(...Object.values(optimizers).map((create) => create())),
      fc.record({ type: fc.constantFrom('sgd', 'adam', 'toString', 1), learningRate: number }),
    );
    const parts = fc.record(
      {
        optimizer,
        batchSize: number,
        shuffle: fc.oneof(fc.boolean(), number),
        data: fc.oneof(fc.record({ count: number, crc32: number }), number),
        epochsBefore: number,
        begun: fc.record({ step: number, loss: number, correct: number, seconds: number }),
        scalars: fc.oneof(fc.array(number), number),
        settings: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const few = fc.tuple(parts, fc.nat(7)).map(([{ ...all }, kept]) => {
      const [entry] = Object.entries(all).slice(kept % 8);
      return entry === undefined ? {} : Object.fromEntries([entry]);
    });
    const { tensors, metadata } = decodeWithDoubles(await whole(), 'f');
    const { 'convlet.crc32': _, ...rest } = metadata;
    const original: object = JSON.parse(rest['convlet.checkpoint'] ?? '');
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(parts, few), fc.boolean(), (change, isWhole) => {
        const value = isWhole ? change : { ...original, ...change };
        const edited = { ...rest, 'convlet.checkpoint': JSON.stringify(value) };
        try {
          const checkpoint = read(encodeSafetensors(tensors, seal([...tensors], edited)));
          expect(checkpoint.begun.step).toBeLessThanOrEqual(checkpoint.data.count);
          taken++;
        } catch (error) {
          expect(error).toMatchObject({ name: 'FormatError' });
          expect((error as Error).message).toMatch(/^f: [^\n]{1,500}$/);
        }
      }),
      { seed: 1, numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  const sgd = optimizers.sgd();
  it.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
    [
      'a model without its training’s state',
      () => encodeModel(createModel(backend(), spec)),
      "f: expected a checkpoint, got a model without its training's state. Use a checkpoint.convlet; weights alone are for --init and setWeights.",
    ],
    ['another safetensors file', () => encodeSafetensors([]), 'got another safetensors file.'],
    [
      'JSON',
      () => new TextEncoder().encode('{"version":1}'),
      'got JSON. Use decodeTfjs for a LayersModel.',
    ],
    ['HDF5', () => Uint8Array.of(0x89, ...new TextEncoder().encode('HDF\r\n..')), 'an HDF5 file'],
    ['nothing', () => new Uint8Array(0), 'f: expected the length of a safetensors header'],
    [
      'a newer version',
      () => changed((_, metadata) => Object.assign(metadata, { 'convlet.format': '3' })),
      'f: expected a checkpoint of version 1 or 2, got "3". Use the convlet that wrote it.',
    ],
    [
      'no checksum',
      async () => {
        const { tensors, metadata } = decodeWithDoubles(await whole(), 'f');
        const { 'convlet.crc32': _, ...rest } = metadata;
        return encodeSafetensors(tensors, rest);
      },
      'got undefined. The file is damaged',
    ],
    [
      'a NaN among the weights',
      () => changed((entries) => entries.get('0.bias')?.data.fill(Number.NaN)),
      'f: checkpoint: weights: 0.bias: expected finite numbers, got NaN or Infinity.',
    ],
    [
      'an infinity in the optimizer’s state',
      () => changed((entries) => entries.get('optimizer.1')?.data.fill(Number.POSITIVE_INFINITY)),
      'f: checkpoint: expected finite numbers as the state of adam',
    ],
    [
      'a block of the optimizer missing',
      () => changed((entries) => entries.delete('optimizer.1')),
      'f: expected f32 for "optimizer.1", got none.',
    ],
    [
      'the state of another optimizer',
      () => detailed({ optimizer: sgd }),
      'f: checkpoint: weights: expected the network\'s 4 tensors (0.weight, 0.bias, 2.weight, 2.bias), got "optimizer.0" too.',
    ],
    [
      'an optimizer that is none',
      () => detailed({ optimizer: { type: 'toString' } }),
      'f: checkpoint: expected an optimizer',
    ],
    [
      'a learning rate of 0',
      () => detailed({ optimizer: { ...optimizers.adam(), learningRate: 0 } }),
      'f: checkpoint adam: expected learningRate to be a finite number above 0',
    ],
    [
      'no history',
      () => changed((entries) => entries.delete('history')),
      'f: expected f64 for "history", got none.',
    ],
    [
      'a history of another form',
      () => changed((entries) => entries.set('history', { shape: [6], data: new Float64Array(6) })),
      'f: history: expected shape 6×6, got 6.',
    ],
    [
      'a history with NaN',
      () => changed((entries) => entries.get('history')?.data.fill(Number.NaN)),
      'f: history: expected loss of epoch 1, got NaN.',
    ],
    [
      'weights in f64',
      () => changed((entries) => entries.set('0.bias', { shape: [2], data: new Float64Array(2) })),
      'f: expected f32 for "0.bias", got another type.',
    ],
    [
      'a step beyond the epoch',
      () => detailed({ begun: { step: 6, loss: 1, correct: 1, seconds: 1 } }),
      'f: checkpoint: begun: expected step to be a whole number from 0 to 5, got 6.',
    ],
    ['a batch of 0', () => detailed({ batchSize: 0 }), 'f: checkpoint: expected batchSize'],
    [
      'no data',
      () => detailed({ data: null }),
      'f: checkpoint: data: expected an object, got null.',
    ],
    [
      'columns of the history that are no names',
      () => detailed({ columns: ['loss', 5] }),
      'f: checkpoint: expected columns to be a list of names',
    ],
    [
      'scalars of the optimizer that are no numbers',
      () => detailed({ scalars: 'one' }),
      'f: checkpoint: expected state { blocks: Float32Array[], scalars: number[] }',
    ],
    [
      'settings that are a list',
      () => detailed({ settings: [] }),
      'f: checkpoint: settings: expected',
    ],
    [
      'pixels that are prepared in another way',
      () => changed((_, metadata) => Object.assign(metadata, { 'convlet.preprocessing': '{}' })),
      'f: expected preprocessing {"pixel"',
    ],
    [
      'JSON that is none',
      () => changed((_, metadata) => Object.assign(metadata, { 'convlet.checkpoint': '{' })),
      'f: expected JSON under convlet.checkpoint, got "{"',
    ],
  ])('refuses %s', async (_name, make, message) => {
    const bytes = await make();
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'FormatError' }));
  });
});

it('settings that JSON cannot hold are not written', async () => {
  const checkpoint = { ...(await checkpointOf()), settings: { n: 1n } };
  expect(() => encodeCheckpoint(checkpoint)).toThrow(
    'encodeCheckpoint: expected settings as JSON, got values that JSON cannot hold. Use plain data.',
  );
});

it('figures of epochs that were measured by other metrics stay in the file', async () => {
  const model = createModel(backend(), spec, { seed: 7 });
  const checkpoints: Checkpoint[] = [];
  const options = { onCheckpoint: (checkpoint: Checkpoint) => void checkpoints.push(checkpoint) };
  await model.fit(data, { ...options, epochs: 2, validationData: data });
  const [resume] = checkpoints.slice(-1);
  const others = createModel(backend(), spec, { seed: 7 });
  await others.fit(data, { ...options, epochs: 3, metrics: ['top5'], ...(resume && { resume }) });
  const [last] = checkpoints.slice(-1);
  if (last === undefined) throw new Error('internal: no checkpoint');
  expect(
    last.history.map((event) => [event.accuracy !== undefined, event.top5 !== undefined]),
  ).toEqual([
    [true, false],
    [true, false],
    [false, true],
  ]);
  expect(decodeCheckpoint(encodeCheckpoint(last)).history).toEqual(last.history);
});
