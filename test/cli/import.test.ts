/** `convlet import`: files of every kind that is read become a model; others are refused, and nothing is written. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend, createModel, type ModelSpec, namedModels } from 'convlet';
import {
  decodeModel,
  encodeModel,
  encodeNpz,
  encodeOnnx,
  encodeSafetensors,
  encodeTfjs,
} from 'convlet/formats';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandIn } from '../support/command.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders()();
const convlet = commandIn(folder);
const path = (...names: string[]) => join(folder, ...names);
const read = (name: string) => decodeModel(new Uint8Array(readFileSync(path(name))), name);

const spec = namedModels.tiny([1, 28, 28], 10) as ModelSpec;
const model = createModel(await createBackend(), spec, { seed: 5 });
const source = { spec, seed: 1, weights: model.weights(), classNames: [...'abcdefghij'] };
const parameters = 10_082; // 9,914 trained, 168 running

beforeAll(async () => {
  writeFileSync(path('model.onnx'), await encodeOnnx(source));
  writeFileSync(path('model.npz'), await encodeNpz(source));
  writeFileSync(path('own.safetensors'), encodeModel(source));
  writeFileSync(path('state.safetensors'), encodeSafetensors(source.weights));
  writeFileSync(path('spec.json'), JSON.stringify(spec));
  mkdirSync(path('keras'));
  mkdirSync(path('pictures'));
  for (const [name, bytes] of Object.entries(encodeTfjs(source))) {
    writeFileSync(path('keras', name), bytes);
  }
});

describe('import', () => {
  it.each([
    ['model.onnx', []],
    ['model.npz', []],
    ['own.safetensors', []],
  ])('reads %s to the same model', (file, more) => {
    const { status, stdout, stderr } = convlet('import', file, '--out', `of/${file}.out`, ...more);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`of/${file}.out: 1×28×28 → 10, 22 layers, 10,082 numbers\n`);
    expect(read(`of/${file}.out`)).toEqual(read('own.safetensors'));
  });

  it('reads a file whose header is as long as a pickle begins', () => {
    const header = (length: number) => {
      const text = JSON.stringify({
        'a.weight': { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      });
      const bytes = new Uint8Array(8 + length + 4).fill(0x20, 8, 8 + length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
      bytes.set(new TextEncoder().encode(text), 8);
      return bytes;
    };
    for (const length of [640, 0x4b50, 0x7b20]) {
      writeFileSync(path('odd.safetensors'), header(length));
      const { stderr } = convlet(
        'import',
        'odd.safetensors',
        '--model',
        'tiny',
        '--out',
        'odd.out',
      );
      expect(stderr).toMatch(/odd\.safetensors: .*a\.weight/);
    }
  });

  it.each(['keras', 'keras/model.json'])('reads the LayersModel %s', (file) => {
    const out = `of/${file.replace('/', '-')}`;
    const { status, stdout } = convlet('import', file, '--out', out, '--json');
    expect(status).toBe(0);
    const { event, format, parameters: count } = JSON.parse(stdout);
    expect([event, format, count]).toEqual(['import', 'tfjs', parameters]);
    expect(read(out).classNames).toEqual(source.classNames);
  });

  it.each(['spec.json', 'tiny'])('reads a state dict of the network %s', (network) => {
    const out = `of/state-${network}`;
    const { status, stderr } = convlet(
      'import',
      'state.safetensors',
      '--model',
      network,
      '--out',
      out,
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(read(out).weights).toEqual(source.weights);
  });

  it('writes what train goes on from', () => {
    expect(convlet('import', 'model.onnx', '--out', 'first.safetensors').status).toBe(0);
    const sizes = ['--train-samples', '64', '--test-samples', '20', '--epochs', '1'];
    const run = ['train', '--init', 'first.safetensors', ...sizes, '--out', 'run', '--quiet'];
    expect(convlet(...run)).toMatchObject({ status: 0, stderr: '' });
    expect(read('run/model.safetensors').spec).toEqual(spec);
  });

  it('replaces a file with --overwrite alone', () => {
    writeFileSync(path('taken'), 'x');
    const { status, stderr } = convlet('import', 'model.onnx', '--out', 'taken');
    expect([status, stderr]).toEqual([
      1,
      'convlet: taken: expected a name that is free, got one that is taken. Use another --out, or --overwrite.\n',
    ]);
    expect(convlet('import', 'model.onnx', '--out', 'taken', '--overwrite').status).toBe(0);
    expect(read('taken').spec).toEqual(spec);
  });

  it.each<[file: string, content: string, args: string[], status: number, message: string]>([
    [
      'a.txt',
      'hello',
      [],
      1,
      'a.txt: expected an .onnx, a model.json or its folder, a .safetensors, or an .npz, got a text. Use one of these.',
    ],
    [
      'photo.jpg',
      '\xff\xd8\xff\xe0',
      [],
      1,
      'photo.jpg: expected an .onnx, a model.json or its folder, a .safetensors, or an .npz, got a picture. Use one of these.',
    ],
    [
      'pictures',
      '',
      [],
      1,
      'pictures: expected an .onnx, a model.json or its folder, a .safetensors, or an .npz, got a folder without model.json. Use one of these.',
    ],
    [
      'cut.onnx',
      '\x08\x08\x12\x07conv',
      [],
      1,
      'cut.onnx: expected an ONNX model, got other bytes, or a part of one. Use a whole file.',
    ],
    [
      'a.h5',
      '\x89HDF\r\n',
      [],
      1,
      'a.h5: expected an .onnx, a model.json or its folder, a .safetensors, or an .npz, got an HDF5 file of Keras. Convert it with tensorflowjs_converter --input_format keras.',
    ],
    [
      'a.json',
      '{"a":',
      [],
      1,
      'a.json: expected a LayersModel as JSON, got "{\\"a\\":" (no JSON from line 1, column 6 on). Use a whole file.',
    ],
    [
      'b.json',
      '{}',
      [],
      1,
      'b.json: expected the model.json of a LayersModel, with modelTopology and weightsManifest, got an object. Save it by tensorflowjs_converter or model.save.',
    ],
    [
      'c.json',
      '{"modelTopology":{},"weightsManifest":[{"paths":["../x"]}]}',
      [],
      1,
      'c.json: expected weights in its own folder, got "../x". Move them beside it.',
    ],
    [
      'model.onnx',
      '',
      ['--model', 'tiny'],
      1,
      'model.onnx: expected no --model (an ONNX file has its network), got one. Leave it out.',
    ],
    [
      'keras',
      '',
      ['--model', 'tiny'],
      1,
      'keras/model.json: expected no --model (a LayersModel has its network), got one. Leave it out.',
    ],
    [
      'state.safetensors',
      '',
      [],
      1,
      'state.safetensors: expected a network for these tensors, got none. Give it with --model FILE.json.',
    ],
    [
      'state.safetensors',
      '',
      ['--model', 'reference'],
      1,
      'state.safetensors: weights: expected the network\'s 4 tensors (0.weight, 0.bias, 4.weight, 4.bias), got "1.weight" too. Use these names.',
    ],
    [
      'state.safetensors',
      '',
      ['--model', 'tinny'],
      2,
      '--model: expected reference, lenet5, resnet8, mobile, tiny, fast, accurate or a .json file, got "tinny". Use tiny.',
    ],
    [
      'nowhere',
      '',
      [],
      1,
      'nowhere: expected a file that can be read, got ENOENT. Check the path.',
    ],
  ])('refuses %s by its words, case %#', (file, content, args, status, message) => {
    if (content !== '') writeFileSync(path(file), content, 'latin1');
    const result = convlet('import', file, '--out', 'never', ...args);
    expect([result.status, result.stdout]).toEqual([status, '']);
    expect(result.stderr.split('\n')[0]).toBe(`convlet: ${message}`);
    expect(existsSync(path('never'))).toBe(false);
  });
});
