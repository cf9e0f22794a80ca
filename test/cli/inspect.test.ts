/** `convlet inspect` shows a named model, a spec and a trained model, and refuses other files. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend, createModel, layers } from 'convlet';
import { encodeModel } from 'convlet/formats';
import { expect, it } from 'vitest';
import { commandIn } from '../support/command.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders()();
const convlet = commandIn(folder);

/** Dilated, which no fused kernel covers. */
const dilated = {
  inputShape: [1, 12, 12],
  layers: [
    layers.conv2d({ filters: 3, kernelSize: [3, 2], dilation: 2 }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
  ],
};

it('shows the layers of the reference network, and which run as one step', () => {
  const { status, stdout, stderr } = convlet('inspect', 'reference');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^0 {2}conv2d filters 12, kernelSize 3 +12×26×26 +120$/m);
  expect(stdout).toMatch(/^4 {2}dense units 10 +10 +20,290$/m);
  expect(stdout).toContain('as one step: conv2d + relu + maxPool2d (0–2)\n');
  expect(convlet('inspect', 'lenet5').stdout).toContain('(0–2); conv2d + relu + maxPool2d (3–5)\n');
  expect(stdout).toContain('parameters: 20,410\n');
  expect(stdout).toMatch(/^memory: [\d,]+ KiB to train .*128, without the data set$/m);
});

it('prints the same as one JSON object', async () => {
  const { status, stdout } = convlet('inspect', 'reference', '--json');
  expect(status).toBe(0);
  const inspection = JSON.parse(stdout);
  expect(inspection).toMatchObject({
    event: 'inspection',
    inputShape: [1, 28, 28],
    steps: ['conv2d + relu + maxPool2d', 'flatten', 'dense', 'softmax'],
    fused: [{ name: 'conv2d + relu + maxPool2d', layers: [0, 1, 2] }],
    running: 0,
    parameters: 20_410,
  });
  expect(inspection.layers).toHaveLength(6);
  expect(inspection.layers[0]).toEqual({ type: 'conv2d', output: [12, 26, 26], parameters: 120 });
  expect(inspection.memoryBytes).toBeGreaterThan(9 * 4 * 20_410); // parameters and eight slices
});

it('shows names, branches and running numbers if a network has them', () => {
  const { status, stdout } = convlet('inspect', 'resnet8');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ +name +layer +reads +output +running +parameters$/m);
  expect(stdout).toMatch(/^ 1 +batchNorm +16×28×28 +32 +32$/m);
  expect(stdout).toMatch(/^ 9 {2}stage1 +add +stage1\.4, stage1\.input +16×28×28 +0$/m);
  expect(stdout).toMatch(/^12 {2}stage2\.0 +conv2d filters 32, .*useBias false +32×14×14 +4,608$/m);
  expect(stdout).toContain('parameters: 77,754, and 672 running numbers\n');
  const json = JSON.parse(convlet('inspect', 'resnet8', '--json').stdout);
  expect(json.running).toBe(672);
  expect(json.layers[1]).toEqual({
    type: 'batchNorm',
    output: [16, 28, 28],
    parameters: 32,
    running: 32,
  });
  expect(json.layers[9]).toEqual({
    type: 'add',
    name: 'stage1',
    inputs: ['stage1.4', 'stage1.input'],
    output: [16, 28, 28],
    parameters: 0,
  });
});

it.each([
  ['mobile', '10,474'],
  ['tiny', '9,914'],
])('knows %s by its name', (name, parameters) => {
  const { stdout } = convlet('inspect', name);
  expect(stdout).toContain(`parameters: ${parameters}, and `);
  expect(convlet('train', '--help').stdout.replaceAll(/\s+/g, ' ')).toContain(
    'reference, lenet5, resnet8, mobile, tiny',
  );
});

it('reads a spec and a model, and shows steps that are not fused', async () => {
  writeFileSync(join(folder, 'dilated.json'), JSON.stringify(dilated));
  const model = createModel(await createBackend(), dilated);
  writeFileSync(join(folder, 'dilated.safetensors'), encodeModel(model));
  const texts = ['dilated.json', 'dilated.safetensors'].map((file) => {
    const { steps } = JSON.parse(convlet('inspect', file, '--json').stdout);
    expect(steps).toEqual(['conv2d', 'relu', 'maxPool2d']);
    return convlet('inspect', file).stdout;
  });
  expect(texts[0]).toContain('filters 3, kernelSize 3×2, dilation 2');
  expect(texts[0]).toContain('as one step: none');
  expect(texts[1]).toBe(texts[0]);
});

it.each([
  ['missing', 'missing: expected'],
  ['missing.json', 'missing.json: expected'],
  ['broken.json', 'broken.json: expected a model as JSON'],
  ['huge.json', 'huge.json: layers[0] conv2d: expected a kernel no larger than its image'],
])('%s is refused in one line', (file, message) => {
  const conv = layers.conv2d({ filters: 1, kernelSize: 13 });
  writeFileSync(join(folder, 'broken.json'), '{');
  writeFileSync(join(folder, 'huge.json'), JSON.stringify({ ...dilated, layers: [conv] }));
  const { status, stdout, stderr } = convlet('inspect', file);
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect([status, stdout]).toEqual([1, '']);
});
