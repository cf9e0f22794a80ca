/** The commands that read a model's file: export, predict, train --init. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend, createModel, layers } from 'convlet';
import {
  decodeSafetensors,
  encodeModel,
  encodeNpz,
  encodeOnnx,
  encodeSafetensors,
  encodeTfjs,
} from 'convlet/formats';
import { decodeModel, loadMnist } from 'convlet/node';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandIn } from '../support/command.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders()();
const convlet = commandIn(folder);
const path = (...names: string[]) => join(folder, ...names);
const lines = (text: string) => text.trim().split('\n');
const model = 'run/model.safetensors';

beforeAll(() => {
  const { status, stderr } = convlet(
    'train',
    '--epochs',
    '3',
    '--optimizer',
    'adam',
    '--quiet',
    '--out',
    'run',
  );
  expect([status, stderr]).toEqual([0, '']);
});

describe('export', () => {
  const file = () => decodeModel(readFileSync(path(model)), model);

  it.each([
    ['onnx', ['model.onnx'], async () => [await encodeOnnx(file())]],
    ['safetensors', ['model.safetensors'], async () => [encodeModel(file())]],
    ['npz', ['model.npz'], async () => [await encodeNpz(file())]],
    ['tfjs', ['model.json', 'weights.bin'], async () => Object.values(encodeTfjs(file()))],
  ] as const)('writes %s', async (format, names, encode) => {
    const { status, stdout } = convlet('export', model, '--format', format, '--out', format);
    expect(status).toBe(0);
    expect(lines(stdout)).toEqual(names.map((name) => `${format}/${name}`));
    expect(readdirSync(path(format)).sort()).toEqual([...names]);
    const written = names.map((name) => new Uint8Array(readFileSync(path(format, name))));
    expect(written).toEqual(await encode());
  });

  it('writes a safetensors file with the same bytes, which evaluate reads', () => {
    expect(readFileSync(path('safetensors/model.safetensors'))).toEqual(readFileSync(path(model)));
    expect(convlet('evaluate', 'safetensors/model.safetensors', '--json').status).toBe(0);
  });

  it('puts the division into the graph with --preprocessing, and prints JSON', async () => {
    const { stdout } = convlet(
      'export',
      model,
      '--format',
      'onnx',
      '--preprocessing',
      '--out',
      'bytes',
      '--json',
    );
    expect(JSON.parse(stdout)).toEqual({
      event: 'export',
      format: 'onnx',
      files: ['bytes/model.onnx'],
    });
    expect(new Uint8Array(readFileSync(path('bytes/model.onnx')))).toEqual(
      await encodeOnnx(file(), { preprocessing: true }),
    );
  });

  it('overwrites a file only with --overwrite', () => {
    const { status, stderr } = convlet('export', model, '--format', 'npz', '--out', 'npz');
    expect([status, stderr]).toEqual([
      1,
      'convlet: npz: expected a folder without model.npz, got one with it. Use another --out, or --overwrite.\n',
    ]);
    expect(convlet('export', model, '--format', 'npz', '--out', 'npz', '--overwrite').status).toBe(
      0,
    );
  });

  it.each([
    [
      ['--format', 'hdf5', '--out', 'never'],
      2,
      '--format: expected onnx, safetensors, npz, tfjs, c, got "hdf5".',
    ],
    [['--format', 'onnx'], 2, "required option '--out <DIR>' not specified"],
    [['--out', 'never'], 2, "required option '--format <NAME>' not specified"],
    [
      ['--format', 'npz', '--preprocessing', '--out', 'never'],
      2,
      '--preprocessing: expected --format onnx, got --format npz.',
    ],
    [
      ['--format', 'npz', '--out', `${model}/x`],
      1,
      'expected a folder that can be written, got ENOTDIR.',
    ],
  ])('refuses %j', (args, code, message) => {
    const { status, stdout, stderr } = convlet('export', model, ...args);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([code, '']);
    expect(existsSync(path('never'))).toBe(false);
  });

  it.each([
    ['npz/model.npz', 'a zip archive, such as an .npz', true],
    ['onnx/model.onnx', 'an ONNX file', true],
    ['torch.onnx', 'an ONNX file', true],
    ['tfjs/model.json', 'a LayersModel of TensorFlow.js', true],
    ['run/history.json', 'JSON', false],
    ['run/report.html', 'HTML', false],
    ['run/history.csv', 'a text', false],
    ['one.png', 'a picture', false],
  ])('refuses %s as a model, and says how to import it', async (name, what, isImported) => {
    writeFileSync(path('torch.onnx'), '\x08\x07\x12\x07pytorch');
    writeFileSync(path('one.png'), '\x89PNG\r\n\x1a\n', 'latin1');
    const advice = isImported
      ? `Run: convlet import ${name} --out model.safetensors`
      : 'Use another file.';
    const expected = `convlet: ${name}: expected a model.safetensors or checkpoint.convlet of convlet train, got ${what}. ${advice}\n`;
    for (const args of [
      ['evaluate', name],
      ['predict', name, 'one.png'],
      ['train', '--init', name],
      ['train', '--resume', name],
    ]) {
      const { status, stderr } = convlet(...args);
      expect([status, stderr]).toEqual([1, expected]);
    }
  });

  it('refuses a LayersModel as a network, and a file that is none', () => {
    for (const args of [
      ['inspect', 'tfjs/model.json'],
      ['train', '--model', 'tfjs/model.json'],
      ['import', model, '--model', 'tfjs/model.json', '--out', 'never'],
    ]) {
      expect(convlet(...args).stderr).toBe(
        'convlet: tfjs/model.json: expected a network as JSON, got a LayersModel of TensorFlow.js. Run: convlet import tfjs/model.json --out model.safetensors\n',
      );
    }
    expect(convlet('evaluate', 'nowhere').stderr).toMatch(/^convlet: nowhere: .* ENOENT/);
  });
});

describe('predict', () => {
  /** A digit of the test set as a picture of its own, black on white, enlarged. */
  const digits = async (): Promise<{ label: number; grey: Buffer }[]> => {
    const { test } = await loadMnist();
    return Array.from({ length: 10 }, (_, label) => {
      const at = test.labels.indexOf(label);
      const pixels = test.images.subarray(at * 784, (at + 1) * 784);
      return { label, grey: Buffer.from(pixels.map((value) => 255 - value)) };
    });
  };
  const enlarged = (grey: Buffer) =>
    sharp(grey, { raw: { width: 28, height: 28, channels: 1 } })
      .resize(140, 140)
      .extend({ top: 40, left: 90, bottom: 5, right: 5, background: 'white' });

  it('names the digits of PNG and JPEG files', async () => {
    const files: string[] = [];
    const labels: number[] = [];
    for (const { label, grey } of await digits()) {
      await enlarged(grey)
        .png()
        .toFile(path(`${label}.png`));
      await enlarged(grey)
        .negate()
        .jpeg()
        .toFile(path(`${label} inverted.jpg`));
      files.push(`${label}.png`, `${label} inverted.jpg`);
      labels.push(label, label);
    }
    const { status, stdout, stderr } = convlet('predict', model, ...files, '--json');
    expect([status, stderr]).toEqual([0, '']);
    const predictions = lines(stdout).map((line) => JSON.parse(line));
    expect(predictions.map(({ image }) => image)).toEqual(files);
    const right = predictions.filter((prediction, i) => prediction.class === labels[i]);
    expect(right.length).toBeGreaterThanOrEqual(17);
    for (const { probability, probabilities, class: digit } of predictions) {
      expect(probabilities).toHaveLength(10);
      expect(probabilities[digit]).toBe(probability);
    }
    const text = convlet('predict', model, '0.png').stdout;
    expect(text).toMatch(/^0\.png: \d 0\.\d{3} {2}then \d 0\.\d{3}, \d 0\.\d{3}\n$/);
  });

  it('reads transparent pictures and large pictures', async () => {
    const ink = { create: { width: 500, height: 3000, channels: 4, background: 'black' } } as const;
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    await sharp(ink)
      .extend({ top: 500, bottom: 500, left: 1500, right: 1500, background: clear })
      .png()
      .toFile(path('one.png'));
    const { stdout } = convlet('predict', model, 'one.png', '--json');
    expect(JSON.parse(stdout).class).toBe(1);
  });

  it.each<[string, () => Promise<string | Buffer>, string]>([
    [
      'text',
      async () => 'no picture',
      'text: expected a PNG or JPEG picture, got one that could not be decoded (',
    ],
    [
      'blank',
      () =>
        sharp({ create: { width: 9, height: 9, channels: 3, background: 'white' } })
          .png()
          .toBuffer(),
      'blank: expected a digit, got a picture of 9×9 pixels with nothing on it.',
    ],
    [
      'cut',
      async () =>
        (
          await enlarged((await digits())[3]?.grey ?? Buffer.alloc(784))
            .png()
            .toBuffer()
        ).subarray(0, 300),
      'cut: expected a PNG or JPEG picture',
    ],
  ])('%s is refused, and nothing told of the others', async (name, content, message) => {
    writeFileSync(path(name), await content());
    const { status, stdout, stderr } = convlet('predict', model, 'one.png', name);
    expect(stderr).toContain(message);
    expect(lines(stderr)).toHaveLength(1);
    expect([status, stdout]).toEqual([1, '']);
  });

  it('refuses a model of two channels, and one without probabilities', async () => {
    const spec = {
      inputShape: [2, 8, 8],
      layers: [layers.flatten(), layers.dense({ units: 10 }), layers.softmax()],
    };
    writeFileSync(path('colour'), encodeModel(createModel(await createBackend(), spec)));
    const { status, stderr } = convlet('predict', 'colour', 'one.png');
    expect([status, stderr]).toEqual([
      1,
      'convlet: predict: colour: expected a model of images with 1 or 3 channels, got 2×8×8. Use another model.\n',
    ]);
    const logits = {
      inputShape: [1, 28, 28],
      layers: [layers.flatten(), layers.dense({ units: 10 })],
    };
    writeFileSync(path('logits'), encodeModel(createModel(await createBackend(), logits)));
    expect(convlet('predict', 'logits', 'one.png').stderr).toBe(
      'convlet: predict: logits: expected a model whose last layer is softmax, got dense. Its outputs are no probabilities.\n',
    );
    expect(convlet('predict', model).status).toBe(2);
  });
});

describe('train --init', () => {
  it('goes on from the weights and the network of a file', () => {
    const { stdout } = convlet(
      'train',
      '--init',
      model,
      '--epochs',
      '1',
      '--json',
      '--out',
      'tuned',
    );
    const [epoch] = lines(stdout).map((line) => JSON.parse(line));
    const fresh = JSON.parse(readFileSync(path('run/history.json'), 'utf8'));
    expect(epoch.loss).toBeLessThan(fresh.epochs[2].loss);
    const { settings } = JSON.parse(readFileSync(path('tuned/history.json'), 'utf8'));
    expect(settings).toMatchObject({ model, init: model });
    expect(readFileSync(path('tuned/report.html'), 'utf8')).toContain(model);
  });

  /** Changes a file as another program would. */
  const write = (
    name: string,
    edit: (tensors: Map<string, { shape: readonly number[]; data: Float32Array }>) => void,
  ) => {
    const { tensors } = decodeSafetensors(readFileSync(path(model)), model);
    edit(tensors);
    writeFileSync(path(name), encodeSafetensors(tensors));
  };

  it('takes tensors that another program wrote', () => {
    write('plain', () => undefined);
    const run = (init: string, out: string) =>
      JSON.parse(
        lines(
          convlet('train', '--init', init, '--epochs', '1', '--json', '--out', out).stdout,
        )[1] ?? '',
      );
    expect(run('plain', 'from-plain').weightsSha256).toBe(run(model, 'from-model').weightsSha256);
  });

  it.each([
    [
      'missing',
      'convlet: --init: missing: expected a tensor 4.bias, got none. Use weights of this network, or --model.\n',
    ],
    [
      'other',
      'convlet: --init: other: 4.bias: expected shape 10, got 9. Use weights of this network, or --model.\n',
    ],
    [
      'nan',
      'convlet: --init: nan: 4.bias: expected finite numbers, got NaN or Infinity. Use weights of this network, or --model.\n',
    ],
    [
      'broken',
      'convlet: broken: expected the length of a safetensors header in 8 bytes, got a file of 3. Use a whole file.\n',
    ],
  ])('refuses %s weights', (name, message) => {
    if (name === 'broken') writeFileSync(path(name), 'abc');
    else {
      write(name, (tensors) => {
        tensors.delete('4.bias');
        const data = new Float32Array(name === 'other' ? 9 : 10).fill(Number.NaN);
        if (name !== 'missing') tensors.set('4.bias', { shape: [data.length], data });
      });
    }
    const { status, stdout, stderr } = convlet('train', '--init', name, '--out', 'never');
    expect([status, stdout, stderr]).toEqual([1, '', message]);
    expect(existsSync(path('never'))).toBe(false);
  });

  it('refuses a --model that is another network', () => {
    const { status, stderr } = convlet(
      'train',
      '--init',
      model,
      '--model',
      'lenet5',
      '--out',
      'never',
    );
    expect([status, stderr]).toEqual([
      1,
      `convlet: --init: expected weights of --model lenet5, got those of another network in ${model}. Leave one of them out.\n`,
    ]);
    const same = convlet(
      'train',
      '--init',
      model,
      '--model',
      'reference',
      '--epochs',
      '1',
      '--out',
      'same',
      '--quiet',
    );
    expect(same.status).toBe(0);
  });
});
