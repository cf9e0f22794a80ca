/** What a file that is dropped on the page is, told by how it begins. */
import { type Checkpoint, createBackend, createModel, namedModels } from 'convlet';
import {
  encodeCheckpoint,
  encodeModel,
  encodeNpz,
  encodeOnnx,
  encodeSafetensors,
  encodeTfjs,
} from 'convlet/formats';
import { expect, it } from 'vitest';
import { kindOf } from '../../demo/src/fileKind.ts';
import { idxImages, idxLabels } from '../support/idx.ts';
import { csv, npz } from '../support/stripes.ts';

it('is known of every file that the page can use, and of no other', async () => {
  const spec = namedModels.tiny?.([1, 28, 28], 10);
  if (spec === undefined) throw new Error('expected the network tiny');
  const model = createModel(await createBackend(), spec);
  const checkpoints: Checkpoint[] = [];
  const [images, labels] = [new Uint8Array(10 * 784), new Uint8Array(10)];
  await model.fit(
    { images, labels, shape: [1, 28, 28], classes: 10 },
    { onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint) },
  );
  const text = (content: string) => new TextEncoder().encode(content);
  const files = {
    model: encodeModel(model),
    tensors: encodeSafetensors(model.weights()),
    checkpoint: checkpoints.map(encodeCheckpoint).at(-1) ?? text(''),
    npz: await encodeNpz(model),
    onnx: await encodeOnnx(model),
    json: encodeTfjs(model)['model.json'],
    dataset: npz(8),
    images: idxImages(2, 5, 5),
    labels: idxLabels(2),
    picture: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a),
  };
  for (const [kind, bytes] of Object.entries(files)) expect(kindOf(bytes), kind).toBe(kind);
  expect(kindOf(text(csv(6, 4)))).toBe('dataset');
  expect(kindOf(text('1,2,3,4,{5}'))).toBe('dataset');
  for (const row of ['Äpfel,0,1', 'кот;0;1', '猫\t0\t1'])
    expect(kindOf(text(row)), row).toBe('dataset');
  for (const content of ['', 'Dear network', '\u0001,2,3', '\u0000\u0000\b\u0002']) {
    expect(kindOf(text(content)), JSON.stringify(content)).toBeUndefined();
  }
});
