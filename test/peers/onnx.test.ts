/** ONNX files have generated encoders, pass the checker of ONNX, and give our outputs in ONNX Runtime. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../dist/formats.js';
import { loadMnist } from '../../dist/node.js';
import { expectClose } from '../support/closeness.ts';
import { imagesFor, modelOf, networks } from '../support/networks.ts';
import { hasPython, python } from '../support/python.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'convlet-onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasChecker = hasPython('onnx.checker'); // libonnx-testdata leaves a folder that is called onnx

async function run(
  file: Uint8Array,
  input: Tensor,
): Promise<{ dims: readonly number[]; data: Float32Array }> {
  const session = await InferenceSession.create(file);
  const { output } = await session.run({ input });
  await session.release();
  return { dims: output?.dims ?? [], data: output?.data as Float32Array };
}

it('the encoders are up to date with the schema', () => {
  execFileSync(process.execPath, [join(root, 'scripts/onnxMessages.js'), folder]);
  for (const file of ['messages.js', 'messages.d.ts']) {
    expect(readFileSync(join(folder, file), 'utf8')).toBe(
      readFileSync(join(root, 'src/formats/onnx', file), 'utf8'),
    );
  }
});

describe.each(networks)('$name', ({ name, spec }) => {
  it.each([1, 5])('gives our outputs for %i images', async (count) => {
    const model = modelOf(name);
    const images = imagesFor(spec, count);
    const expected = model.predict(images);
    const { dims, data } = await run(
      await encodeOnnx(model),
      new Tensor('float32', images, [count, ...spec.inputShape]),
    );
    expect(dims).toEqual(expected.shape);
    expectClose(data, expected.data, 1e-5);
  });

  it.skipIf(!hasChecker)('passes the checker of ONNX, shapes included', async () => {
    const path = join(folder, `${networks.findIndex((network) => network.name === name)}.onnx`);
    writeFileSync(path, await encodeOnnx(modelOf(name), { preprocessing: true }));
    const check =
      'import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True); print("sound")';
    expect(python(check, path)).toBe('sound\n');
  });
});

it.each(['reference', 'lenet5'])(
  '%s gives our outputs on 1,000 digits, as bytes and as floats',
  async (name) => {
    const { train, test } = await loadMnist();
    const model = modelOf(name);
    await model.fit(train, { batchSize: 64 });
    const expected = model.predict(test.images);
    const dims = [1000, 1, 28, 28];
    const bytes = new Tensor('uint8', test.images as Uint8Array, dims);
    expectClose(
      (await run(await encodeOnnx(model, { preprocessing: true }), bytes)).data,
      expected.data,
      1e-5,
    );
    const floats = Float32Array.from(test.images, (byte) => byte / 255);
    expectClose(
      (await run(await encodeOnnx(model), new Tensor('float32', floats, dims))).data,
      expected.data,
      1e-5,
    );
  },
);
