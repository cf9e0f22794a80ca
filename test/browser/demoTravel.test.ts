/** Networks leave the demo in every format and come back: what is saved there is read by the library, by gcc, and by the page. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createBackend,
  createModel,
  layers,
  type Model,
  type ModelSpec,
  namedModels,
  type Tensor,
} from 'convlet';
import {
  decodeModel,
  decodeNpzModel,
  decodeOnnx,
  decodeTfjs,
  encodeCheckpoint,
  encodeModel,
  encodeNpz,
  encodeOnnx,
  encodeSafetensors,
  encodeTfjs,
  Int8Model,
  loadModel,
  quantizeModel,
} from 'convlet/formats';
import { loadMnist } from 'convlet/node';
import { zipSync } from 'fflate';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import {
  axeSource,
  demoOrNotice,
  giveFiles,
  inPage,
  press,
  probabilities,
  saying,
  serveDemo,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { compileC, hasGcc, mainFor, printedBy, runC } from '../support/gcc.ts';
import { npy } from '../support/npy.ts';
import { fileOf, node } from '../support/onnxGraphs.ts';
import type { TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
const backend = await createBackend();
const { test } = await loadMnist({ trainSamples: 1, testSamples: 200 });
const images = test.images as Uint8Array; // its digits are bytes

const NONE = new Uint8Array();
/** The buttons under “Other formats”, in their order. */
const MENU = [
  'export-f16',
  'export-bf16',
  'export-int8',
  'export-npz',
  'export-tfjs',
  'export-c',
  'export-c-int8',
];

/** A model of what a file holds. */
function modelOf({ spec, weights }: { spec: ModelSpec; weights: ReadonlyMap<string, Tensor> }) {
  const model = createModel(backend, spec);
  model.setWeights(weights);
  return model;
}

/** A checkpoint of a model of ten classes that has seen an image of each. */
async function checkpointOf(model: Model): Promise<Uint8Array> {
  const { inputShape: shape } = model.spec;
  const labels = Uint8Array.from({ length: 10 }, (_, label) => label);
  const pixels = shape.reduce((product, size) => product * size, labels.length);
  let bytes = NONE;
  await model.fit(
    { images: new Uint8Array(pixels), labels, shape, classes: labels.length },
    {
      onCheckpoint: (checkpoint) => {
        bytes = encodeCheckpoint(checkpoint);
      },
    },
  );
  return bytes;
}

/** The share of images that both give the same answer. */
function agreement(a: Model, b: Model): number {
  const [ours, theirs] = [a.predictClasses(images), b.predictClasses(images)];
  return ours.filter((answer, n) => answer === theirs[n]).length / ours.length;
}

describe.skipIf(!demoOrNotice())('models travel through the demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  describeInBrowser('chromium', 'the page', ({ open }) => {
    /** The page with a network that has learnt for an epoch, and a folder for what it saves. */
    const trained = async (network: string) => {
      const opened = await open(
        `${server?.origin}/?pace=full&epochs=1&optimizer=adam&lr=0.003&network=${network}`,
      );
      const { page } = opened;
      const folder = newFolder();
      const session = await page.createCDPSession();
      const behavior = { behavior: 'allow', downloadPath: folder } as const;
      await session.send('Browser.setDownloadBehavior', behavior);
      await saying(page, 'progress-text', /^1 epoch done$/);
      await saying(page, 'score-note', /after epoch 1$/);
      return { ...opened, folder };
    };

    const save = async (page: Page, folder: string, id: string, ...names: string[]) => {
      await press(page, id);
      await saying(page, 'take-note', new RegExp(`^Saved ${names.join(' and ')}\\.$`));
      const files: Uint8Array[] = [];
      for (const name of names) {
        await expect.poll(() => existsSync(join(folder, name))).toBe(true);
        files.push(new Uint8Array(readFileSync(join(folder, name))));
      }
      return files;
    };

    it('saves the network in every format, and each is read back', async () => {
      const { page, problems, folder } = await trained('tiny');
      const one = async (id: string, name: string) => {
        const [bytes = new Uint8Array()] = await save(page, folder, id, name);
        return bytes;
      };
      const file = await one('export-weights', 'model.safetensors');
      const { weights, spec } = decodeModel(file, 'f32');
      const model = loadModel(backend, file);
      const expected = model.predict(images).data;
      expect(model.evaluate(test).accuracy).toBeGreaterThan(0.5);

      const onnx = await decodeOnnx(await one('export-onnx', 'model.onnx'));
      expect([onnx.spec, onnx.weights]).toEqual([spec, weights]);
      const npz = await decodeNpzModel(await one('export-npz', 'model.npz'));
      expect([npz.spec, npz.weights]).toEqual([spec, weights]);
      const names = ['model.json', 'weights.bin'];
      const [json, ...others] = await save(page, folder, 'export-tfjs', ...names);
      const tfjs = modelOf(await decodeTfjs(json, others));
      expectClose(tfjs.predict(images).data, expected, 1e-5);

      for (const [dtype, tolerance] of [
        ['f16', 2 ** -11],
        ['bf16', 2 ** -8],
      ] as const) {
        const small = decodeModel(
          await one(`export-${dtype}`, `model-${dtype}.safetensors`),
          dtype,
        );
        for (const [name, { data }] of weights) {
          const near = small.weights.get(name)?.data ?? [];
          expectClose(near, data, tolerance * Math.max(1, ...data.map(Math.abs)));
        }
        expect(agreement(model, modelOf(small))).toBeGreaterThan(0.98);
      }
      const int8 = loadModel(backend, await one('export-int8', 'model-int8.safetensors'));
      expect(int8).toBeInstanceOf(Int8Model);
      expect(agreement(model, int8)).toBeGreaterThan(0.95);

      const c = await one('export-c', 'model.c');
      const int8C = await one('export-c-int8', 'model-int8.c');
      if (hasGcc()) {
        expect(printedBy(compileC(newFolder(), c, '-DCONVLET_TEST'))).toMatch(/^0 of 10/);
        const floats = Float32Array.from(images, (byte) => byte / 255);
        const program = (code: Uint8Array, type: 'float' | 'uint8_t') =>
          compileC(newFolder(), Buffer.from(code).toString() + mainFor(type, 784, 10), '-O1');
        expectClose(runC(program(c, 'float'), floats), expected, 1e-5);
        expectClose(runC(program(int8C, 'uint8_t'), images), int8.predict(images).data, 1e-6);
      }
      expect(problems.all()).toEqual([]);
    });

    it('opens what it has saved: the same weights give the same answers', async () => {
      const { page, problems, folder } = await trained('tiny');
      const path = (name: string) => join(folder, name);
      const [score, answers] = [await textOf(page, 'score'), await probabilities(page)];
      const [before] = await save(page, folder, 'export-weights', 'model.safetensors');
      await save(page, folder, 'export-onnx', 'model.onnx');
      await save(page, folder, 'export-npz', 'model.npz');
      await save(page, folder, 'export-tfjs', 'model.json', 'weights.bin');
      await press(page, 'reset');
      for (const names of [['weights.bin', 'model.json'], ['model.npz'], ['model.onnx']]) {
        await page.select('#network', 'reference');
        await expect.poll(() => textOf(page, 'score')).not.toBe(score);
        await giveFiles(page, ...names.map(path));
        await saying(page, 'notice', new RegExp(`^${names.at(-1)}: its weights are here\\.`));
        await expect.poll(() => textOf(page, 'score')).toBe(score);
        await expect.poll(() => probabilities(page)).toEqual(answers);
      }
      expect(page.url()).toContain('network=tiny');
      renameSync(path('model.safetensors'), path('before.safetensors'));
      const [after] = await save(page, folder, 'export-weights', 'model.safetensors');
      expect(decodeModel(after ?? NONE, '').weights).toEqual(
        decodeModel(before ?? NONE, '').weights,
      );
      await press(page, 'run');
      await saying(page, 'progress-text', /^1 epoch done$/);
      expect(problems.all()).toEqual([]);
    });

    it('opens weights alone, whole numbers, and a network that ends in logits', async () => {
      const { page, problems, folder } = await trained('reference');
      await press(page, 'reset');
      const give = async (name: string, bytes: Uint8Array) => {
        writeFileSync(join(folder, name), bytes);
        await giveFiles(page, join(folder, name));
      };
      const lenet5 = createModel(backend, namedModels.lenet5([1, 28, 28], 10), { seed: 7 });
      await give('state.safetensors', encodeSafetensors(lenet5.weights()));
      await saying(page, 'notice', /^state\.safetensors: its weights are here/);
      expect(page.url()).toContain('network=lenet5');
      const [lenetWeights] = await save(page, folder, 'export-weights', 'model.safetensors');
      expect(decodeModel(lenetWeights ?? NONE, '').weights).toEqual(lenet5.weights());

      const int8 = quantizeModel(backend, lenet5, images);
      await give('int8.safetensors', encodeModel(int8));
      await saying(page, 'notice', /^int8\.safetensors: its weights are here/);

      const logits: ModelSpec = {
        inputShape: [1, 28, 28],
        layers: [layers.flatten(), layers.dense({ units: 10, name: 'head' })],
      };
      await give('logits.onnx', await encodeOnnx(createModel(backend, logits)));
      await saying(page, 'notice', /^logits\.onnx: its weights are here, with softmax at its end/);
      const sum = async () =>
        (await probabilities(page)).reduce((total, share) => total + share, 0);
      await expect.poll(sum).toBeCloseTo(1, 2); // as soon as it is painted
      await press(page, 'run');
      await saying(page, 'progress-text', /^1 epoch done$/);
      expect(problems.all()).toEqual([]);
    });

    it('says in one sentence why it does not open a file, and keeps its network', async () => {
      const { page, problems, folder } = await trained('reference');
      const [score, address] = [await textOf(page, 'score'), page.url()];
      const small = (units: number, side: number) =>
        createModel(backend, {
          inputShape: [1, side, side],
          layers: [layers.flatten(), layers.dense({ units })],
        });
      const source = small(10, 28);
      const onnx = await encodeOnnx(source);
      const npz = await encodeNpz(source);
      const tfjs = encodeTfjs(source);
      const unknown = fileOf({
        input: [1, 28, 28],
        output: [1, 28, 28],
        nodes: node('Det', ['x']),
      });
      const files: readonly (readonly [Record<string, Uint8Array>, RegExp])[] = [
        [{ 'cut.onnx': onnx.subarray(0, 900) }, /^cut\.onnx: /],
        [{ 'det.onnx': unknown }, /^det\.onnx: .*Det/],
        [
          { 'large.onnx': await encodeOnnx(small(10, 32)) },
          /^large\.onnx: expected a network for pictures of 1 × 28 × 28/,
        ],
        [
          { 'large.convlet': await checkpointOf(small(10, 32)) },
          /^large\.convlet: expected a network for pictures of 1 × 28 × 28/,
        ],
        [
          { 'five.onnx': await encodeOnnx(small(5, 28)) },
          /^five\.onnx: expected a network of 10 outputs, .* got 5\./,
        ],
        [{ 'cut.npz': npz.subarray(0, 900) }, /^cut\.npz: /],
        [
          { 'other.npz': zipSync({ 'a.npy': npy('<f4', [1], new Uint8Array(4)) }) },
          /^other\.npz: /,
        ],
        [
          { 'model.json': tfjs['model.json'] },
          /^model\.json: expected the files of its weights beside it/,
        ],
        [
          { 'model.json': tfjs['model.json'], 'weights.bin': tfjs['weights.bin'].subarray(4) },
          /^model\.json: weights: expected/,
        ],
        [
          { 'state.safetensors': encodeSafetensors(source.weights()) },
          /^state\.safetensors: expected the weights of this network/,
        ],
        [
          { 'weights.h5': Uint8Array.of(0x89, 0x48, 0x44, 0x46) },
          /^weights\.h5: expected a model, a checkpoint, a picture/,
        ],
      ];
      for (const [contents, what] of files) {
        const paths = Object.entries(contents).map(([name, bytes]) => {
          writeFileSync(join(folder, name), bytes);
          return join(folder, name);
        });
        await giveFiles(page, ...paths);
        const text = await saying(page, 'notice', what);
        expect(text).toMatch(/^[^\n]{20,240}\.$/);
      }
      expect([await textOf(page, 'score'), page.url()]).toEqual([score, address]);
      expect(problems.all()).toEqual([]);
    });

    it('saves by the keyboard alone, and axe finds nothing in the open menu', async () => {
      const { page, problems, folder } = await trained('reference');
      await page.focus('#copy-snippet');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      const order: string[] = [];
      for (let i = 0; i < 7; i++) {
        await page.keyboard.press('Tab');
        order.push(await inPage(page, 'document.activeElement.id'));
      }
      expect(order).toEqual(MENU);
      await page.focus('#export-f16');
      await page.keyboard.press('Enter');
      await saying(page, 'take-note', /^Saved model-f16\.safetensors\.$/);
      await expect.poll(() => existsSync(join(folder, 'model-f16.safetensors'))).toBe(true);
      const session = await page.createCDPSession();
      await session.send('Page.setBypassCSP', { enabled: true });
      const found = await page.evaluate(
        `${axeSource()}; axe.run('.take').then(({ violations }) => violations.map(({ id }) => id))`,
      );
      expect(found).toEqual([]);
      expect(problems.all()).toEqual([]);
    });
  });
});
